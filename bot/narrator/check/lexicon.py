"""The words that claim something: which way they point, what they make one thing to another."""

import re

#: Words that a CRM may use as names and that mean nothing by themselves.
NO_NAMES = frozenset(
    re.findall(
        r"\w[\w ]*",
        "all, all deals, all reps, all time, answer, bad, dates, deal, deal type, deals, eur, events, "
        "everything, few, first, gbp, high, hint, industry, lead source, lost, low, medium, mine, "
        "month, new, no, noise, none, ok, open, other types, product, quarter, region, rep, reps, "
        "running, signal, stage, team, too, too few, type, usd, warn, won, yes",
    )
)

#: Words of ours for the whole.
WHOLE = re.compile(
    r"(?:^|: )The win rate(?= \()|\b(?:overall|all reps|(?:the )?(?:team|company|average|whole|others?"
    r"|rest)\b(?!, too)(?! (?:type|reason|feature))"
    r"|usual open deal|elsewhere|on average|everyone|in total|all deals|all (?:other )?(?:regions"
    r"|segments))\b",
    re.IGNORECASE,
)

UP = (
    r"rise|rises|rose|risen|rising|increas\w*|grew|grows?|grown|growing|climb\w*|gain(?:s|ed|ing)?|jump\w*"
    r"|surg\w*|soar\w*|higher|above|ahead|more|up|upward|longer|exceed\w*|beats?|beat(?:en|ing)|outperform\w*"
    r"|rallied|rebound\w*|recover\w*|accelerat\w*|expand\w*|larger|bigger|greater|lift\w*|widen\w*"
    r"|doubl\w*|strengthen\w*(?<!strengthened)|mount\w*|ris(?:e|es|ing)|tops?|leads|adds?"
)

DOWN = (
    r"(?:los[et]\w*|shed|gave up|given up)(?= (?:another |about |some )?[\d.]+(?: |-)?(?:p|%))|falls?"
    r"|fell|fallen|falling|drop\w*|declin\w*|decreas\w*|sank|sinks?|slid|slides?|slump\w*|plung\w*"
    r"|lower|below|behind|less|fewer|down|downward|shorter|shrank|shrink\w*|shrunk|eas(?:ed|es|ing)"
    r"|soften\w*|tumbl\w*|erod\w*|dips?|dipped|worsen\w*(?<!worsened)"
    r"|trail\w*|lags?|lagging|lagged|underperform\w*|smaller|eroded?|slipped|slipping|tumbled|contracted"
    r"|reduc\w*"
)

BETTER = r"improv\w*|better|strengthen\w*|stronger|healthier|best"

WORSE = r"worse|worsen\w*|deteriorat\w*|weaker|weaken\w*|poorer|worst"

FASTER = r"faster|quicker|sped up|sooner|quicken\w*"
SLOWER = r"slower|slow(?:ed|s|ing) down|slowed|later"
WAYS = {"up": UP, "down": DOWN, "better": BETTER, "worse": WORSE, "faster": FASTER, "slower": SLOWER}

WAY = re.compile("|".join(rf"\b(?P<{way}>{words})\b" for way, words in WAYS.items()), re.IGNORECASE)

CAUSES = re.compile(
    r"\b(?:because|due to|caus(?:e|es|ed|ing)|owing to|thanks to|on account of|as a (?:result|consequence)"
    r"|(?:result|results|resulted|resulting) (?:of|in|from)|result of|led to|leads to|leading to"
    r"|driv(?:es|en|ing)|drove|driver of|driven by|therefore|thereby|thus|hence|consequently|so that|why"
    r"|reasons?|explain(?:s|ed|ing)?|(?:is|are|was|were|lies|lay) behind (?:the|this|that|it|his|her"
    r"|their)\b|responsible for|blame[ds]?|to blame"
    r"|stems? from|stemm\w+ from|attributable|attributed|makes? (?:\w+ )?(?:win|lose|happen|close|fall"
    r"|rise|drop)"
    r"|made (?:\w+ )?(?:win|lose|fall|rise|drop)|brought about|boost(?:s|ed|ing)?|fuel(?:s|led|ing)?"
    r"|pushed (?:up|down)"
    r"|hurts?|hurting|helps?|helped|helping|dragg(?:ed|ing)|drags?|triggered|triggers|contribut\w+ to"
    r"|depends on|thanks|impact(?:s|ed)? of|effect of|effects of|creates?|created by|produced by|sparked"
    r"|prompted by"
    r"|as .{0,30} (?:slowed|weakened|improved) it|owes|lifts|lifted by|since (?:reps?|they|we|our|it"
    r"|the (?:team|reps?|buyers?|market))\b)",
    re.IGNORECASE,
)

#: Words that make a difference out to be more than chance.
REAL = re.compile(
    r"(?:\b|(?=n't))(?:really|truly|trend(?:s|ed|ing)?|clear(?:ly)?|significant(?:ly)?|definite(?:ly)?"
    r"|genuine(?:ly)?"
    r"|real|prov(?:e|es|ed|en)|certain(?:ly)?|undoubted(?:ly)?|no doubt|without (?:a )?doubt|signal|confirmed"
    r"|consistently|steadily|steady|sustained|keeps?|undeniabl[ey]|stand(?:s)? out|stood out|pattern"
    r"|decisive(?:ly)?"
    r"|meaningful(?:ly)?|demonstrabl[ey]|dramatic(?:ally)?|sharp(?:ly)?|(?:not"
    r"|n't) (?:the same )?within (?:chance|noise|luck)|can (?:now )?show|shows? that|proof"
    r"|beyond (?:chance|luck|doubt)"
    r"|not (?:just |merely |only )?(?:chance|luck|noise|random)|more than (?:chance|luck|noise)"
    r"|momentum is|structural"
    r"|drift(?:ed|ing|s)?|left its usual range|fell below its floor|differ(?:s|ed|ently)?"
    r"|statistical(?:ly)?)\b",
    re.IGNORECASE,
)

#: Words that keep a difference from being more than it is.
HEDGE = re.compile(
    r"\b(?:can't|cannot|can not|couldn't) (?:be |\w+ )?(?:show|shown|say|tell|told|prove|proven"
    r"|distinguish\w*)\b"
    r"|\bmay\b|\bmight\b|\bcould\b|\bperhaps\b|\bpossibly\b|\bnot (?:yet )?(?:shown|proven|significant"
    r"|clear|real)"
    r"|(?<!n't )(?<!not )(?<!same )within (?:chance|noise|luck)|(?<!not )the same within chance"
    r"|\bby chance\b|\bchance (?:alone|could|can|does)\b|\bnoise\b|\bnot after\b"
    r"|\bdoes not survive\b|\bnone survives\b|\bno (?:real|clear|significant)\b|\bnot a (?:trend|signal"
    r"|pattern)\b"
    r"|\b(?:isn't|is not|wasn't|was not|are not|aren't) (?:yet )?(?:a |an )?(?:real|significant|clear"
    r"|shown|proven|trend|signal)"
    r"|\btoo (?:few|thin|early)\b|\bhint\b|\bno evidence\b|\bnot enough\b|\bno more than chance\b"
    r"|\bno trend\b"
    r"|\bjust (?:luck|chance)\b|\bconsistent with (?:chance|noise|luck)\b|\bunclear\b|\binconclusive\b"
    r"|\bas likely\b"
    r"|\bdoes not mean\b|\bdon't (?:act|lean|read|build)\b|\bno difference\b|\blikely (?:chance|noise"
    r"|luck)\b",
    re.IGNORECASE,
)

QUANTIFIERS = re.compile(
    r"\b(?:most(?! likely)|majority|minority|all|every|each|everyone|everybody|everything|none|no one|nobody"
    r"|nothing|never|always|both|neither|nearly all|almost all|hardly any|few|several|many|half|only|the rest"
    r"|numerous|plenty|countless|vast|any(?: of)?|without exception|entirely|completely|no (?:rep|deal"
    r"|region|other)s?)\b",
    re.IGNORECASE,
)

NEGATION = re.compile(
    r"\b(?:not|never|no longer|neither|nor|without|failed to|fails to|cannot|hardly|far from)\b|n't\b",
    re.IGNORECASE,
)

SUPERLATIVE = re.compile(
    r"\b(?P<top>highest|best|top|greatest|largest|biggest|strongest|leading|longest)\b"
    r"|\b(?P<bottom>lowest|worst|smallest|weakest|bottom|shortest)\b",
    re.IGNORECASE,
)

#: What our own sentences say with the words that are checked: limits, hedges and advice, true of any facts.
FREE = re.compile(
    r"^(?:helps|hurts):|\b(?:(?:not|no|never|isn't) (?:a |the )?causes?|why did (?:the win rate"
    r"|it) change|ask why|say(?:s)? why|not why"
    r"|not what makes it happen|what makes it happen|shown to explain it|would explain it nearly as well"
    r"|explains nothing"
    r"|no single (?:one|segment)|don't (?:move people(?: on this)?|(?:act|lean|build) on (?:it|this|pairs"
    r"|them)(?: yet)?)|with this many deals|nothing left its usual range"
    r"|everything else|nothing moved|nothing is shown|nothing to compare|too few \w+(?: \w+)?|too thin to \w+"
    r"|all (?:kinds|time|test it|of it|show it|segments alike)|^all (?:deals|reps)\b(?=,| [·\d])"
    r"|all reps(?= \d)"
    r"|(?:of|for|in|than|from|over) all\b(?: (?:open )?deals| reps)?|all too|(?:a )?little more than"
    r"|more (?:\w+ )?(?:differ too|changed too|left|segments|are slow"
    r"|deals have closed|deals|often than not)|no (?:closed|open|deal|activity|stage|history|quota|amount"
    r"|other|ranking|win rate"
    r"|forecast|earlier|baseline|odds|better|pair|new|next step|longer|model|day)|few won deals"
    r"|most won deals|nearly all won deals"
    r"|most is lost in|most deals are lost in|most revenue|longer (?:than the rule|periods?|in)"
    r"|over a longer|twice as long|at least"
    r"|could stay unseen|even a large drop|a (?:lasting|large) drop|less than|more than noise"
    r"|by more than noise"
    r"|(?:lower|higher) is better|the best on unseen deals|not (?:compared|counted|after|one of|known"
    r"|put to use|shown|complete"
    r"|yours|last|all|ranked|learned|fit|had|seen|applied|paid|selling|on you|the same at all times)"
    r"|none (?:survives|shows)"
    r"|(?:had|has|have) not (?:seen|earned|begun)|does not (?:survive|judge|say|follow)|do not fit"
    r"|and no cause|without (?:any|an amount"
    r"|stage|it)|beyond (?:that|the two)|no (?:single|pair|deal)|not shown to (?:differ|be below)"
    r"|take both|both (?:ways|periods)|ahead of(?= \d)|ma(?:ke|kes|king|de) up"
    r"|helped at one time and hurt at another|don't \w+|do not (?:act|move)|differently(?= in| from)"
    r"|each (?:rep|load|at|deal)|any (?:false|deal|of these|more)|only (?:part|its|\w+ (?:has|deals))"
    r"|never left the first"
    r"|almost never|larger than any deal|(?:was|were) no better|no better than|above the floor"
    r"|below (?:its|the) floor|still open"
    r"|moved (?:on|past|differently)|(?:un)?usual,? (?:too,? )?(?:which )?may be chance"
    r"|more per day elsewhere|less per day elsewhere"
    r"|(?:no strength|nothing to look at) stands out beyond chance"
    r"|not sure|likely (?:above|short)|older than|somewhat younger|none left|less work|more work"
    r"|no more wins?|cut short|makes them|kinds win differently|keeps moving|(?:hold|back|follow|set|sign"
    r"|show|end|pick|catch|wrap)\w* up|not (?:\w+ )?caused by|associated with (?:longer|shorter|higher"
    r"|lower|more|fewer) \w+|nothing else|(?:does|did|do|done) differently|writ(?:e|ten) (?:it "
    r"|them )?down|(?:knows|predicts|explains|says) nothing|fell below its floor|those it learned from)\b",
    re.IGNORECASE,
)
