"""Names that are plainly invented: people, teams, accounts, next steps."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words(
    "Priya Dana Mateo Ingrid Kofi Yuki Amara Luca Noor Sven Talia Rohan Maeve Diego Hana Emil Zadie Omar "
    "Freya Jonas Leila Tomas Aisha Felix Sofia Arjun Greta Malik Clara Hugo Imani Pavel Nina Ravi Elsa "
    "Bruno Mina Theo Layla Oscar Anya Kenji Rosa Elias Tara Milo Vera Samir Ida Caleb Naomi Anton Zara "
    "Rafael Lena Tariq Petra Julian Asha Viktor Carmen Idris Signe Marco Dalia Nils Uma Gabriel Thea Kwame "
    "Linnea Andre Farah Oskar Mira Joaquin Selma Darius Alma Ezra"
)
LAST_NAMES = _words(
    "Quillon Marbury Fenwillow Ostrander Brightley Calloway Dunmoor Everhart Farrow Glimmer Hollis Inkwell "
    "Juniper Kestrel Larkspur Merriweather Nettles Oakhurst Pemberly Quince Rookwood Silverton Thistle "
    "Underhill Vantongeren Wexley Yarrow Zimmerly Applegarth Birchall Copperfield Dovetail Elderberry "
    "Foxglove Greenbriar Hawthorn Ivory Jessamine Knapweed Lovelace Moonfield Nightingale Orchard Pebble "
    "Quickstep Ravenhill Saffron Tumbleton Umber Violet Willoway Yewdale Zephyr Ashgrove Bellwether "
    "Clearwater Driftwood Eastbrook Fernhill Goldcrest Heathfield Islington Jollymore Kingfisher Limewood "
    "Meadowes Northgate Otterbourne Plumtree Quarrier Ripplewood Starling Teasel Uppercot Vineyard "
    "Whitlock Yonder Zinnia Barleycorn Cricklewood"
)
TEAMS = _words("Otters Herons Badgers Foxes Swifts Lynxes Wrens Hares Ospreys Martens")

ACCOUNT_FIRST = _words(
    "Northwind Pebblewick Mossbank Thistledown Copperleaf Quillfeather Otterly Larkmoor Brambleby Snowdrift "
    "Tidepool Marigold Foxhollow Bluebarrow Cinderbrook Dapplewood Emberlane Fiddlehead Gooseberry "
    "Hazelmere Inglenook Jackdaw Kettlewell Lanternby Mapleton Nutmeg Oatfield Puddlebrook Quaggy Rosethorn "
    "Saltmarsh Tanglewood Umbrella Velvetine Wobbleton Yellowgate Zigzag Applecart Buttercup Clovermead "
    "Dandelion Elmsworth Fernley Gingerroot Honeydew Icicle Jellybean Kiteburn Lemongrass Moonpenny"
)
ACCOUNT_SECOND = {
    "Software": ("Systems", "Apps", "Software", "Cloud", "Data", "Labs"),
    "Finance": ("Capital", "Trust", "Mutual", "Savings", "Insurance", "Ledger"),
    "Healthcare": ("Clinics", "Care", "Health", "Pharma", "Dental", "Wellness"),
    "Retail": ("Foods", "Outfitters", "Markets", "Books", "Toys", "Bakeries"),
    "Manufacturing": ("Works", "Forge", "Plastics", "Motors", "Tools", "Looms"),
    "Education": ("Academy", "College", "Learning", "School", "Tutors", "Campus"),
}
ACCOUNT_THIRD = _words(
    "Group International Partners Holding Union Collective Alliance Brothers Sisters Network North South "
    "East West Harbour Valley Hill River Bridge Forest Island Coast Lake Meadow Garden Tower Junction "
    "Square Point Summit"
)

NEXT_STEPS = (
    "Send the revised quote",
    "Book a call with finance",
    "Demo for the wider team",
    "Security questionnaire",
    "Meet the sponsor",
    "Agree the start date",
    "Reference call",
    "Legal review of the contract",
    "Follow up on pricing",
    "Confirm the decision process",
)
