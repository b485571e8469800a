"""Profiles: which one fits a header, what is told about the rest, and what is refused."""

from pathlib import Path

import pytest

from data import mapping, schema
from data.errors import MissingColumns, UnknownProfile

SKYGENI = [
    "deal_id",
    "created_date",
    "closed_date",
    "sales_rep_id",
    "industry",
    "region",
    "product_type",
    "lead_source",
    "deal_stage",
    "deal_amount",
    "sales_cycle_days",
    "outcome",
]
SF_API = [
    "Id",
    "Name",
    "OwnerId",
    "Amount",
    "StageName",
    "CloseDate",
    "CreatedDate",
    "IsClosed",
    "IsWon",
    "Type",
    "IsDeleted",
]
SF_REPORT = [
    "Opportunity ID",
    "Opportunity Name",
    "Opportunity Owner",
    "Amount",
    "Stage",
    "Close Date",
    "Created Date",
]
SF_HISTORY = ["OpportunityId", "StageName", "Amount", "Probability", "CloseDate", "CreatedDate"]
SF_FIELDS = ["OpportunityId", "Field", "OldValue", "NewValue", "CreatedDate"]
SF_TASKS = ["Id", "WhatId", "OwnerId", "ActivityDate", "Status", "Type", "CompletedDateTime"]
HUBSPOT = [
    "hs_object_id",
    "dealname",
    "pipeline",
    "dealstage",
    "amount",
    "createdate",
    "closedate",
    "hubspot_owner_id",
]
HUBSPOT_LABELS = ["Record ID", "Deal Name", "Deal Stage", "Amount", "Create Date", "Close Date", "Deal owner"]
OURS = {table.name: [column.name for column in table.columns] for table in schema.TABLES.values()}


@pytest.mark.parametrize(
    ("header", "profile", "table"),
    [
        (SKYGENI, "skygeni", "deals"),
        (SF_API, "salesforce", "deals"),
        (SF_REPORT, "salesforce", "deals"),
        (SF_HISTORY, "salesforce", "deal_events"),
        (SF_FIELDS, "salesforce", "deal_events"),
        (SF_TASKS, "salesforce", "activities"),
        (HUBSPOT, "hubspot", "deals"),
        (HUBSPOT_LABELS, "hubspot", "deals"),
        *((header, "generic", table) for table, header in OURS.items()),
    ],
)
def test_a_header_tells_its_profile_and_table(header, profile, table):
    match = mapping.recognise(header, "export.csv")
    assert (match.profile.name, match.table, match.unused) == (profile, table, ())


@pytest.mark.parametrize(
    "written", ["Close Date", "close_date", "CLOSEDATE", "closed on", "Expected close date"]
)
def test_case_spaces_and_underscores_do_not_matter_to_the_generic_profile(written):
    match = mapping.recognise(["deal id", "Owner", "Created At", "Outcome", written], "deals.csv")
    assert match.columns["close_date"] == written


def test_a_look_alike_column_is_told_and_never_taken():
    match = mapping.recognise(["deal_id", "rep_id", "created_date", "outcome", "Regoin"], "deals.csv")
    assert "region" not in match.columns
    assert match.suggestions == (mapping.Suggestion("Regoin", "region"),)


def test_a_missing_column_is_refused_with_the_nearest_names_in_the_file():
    with pytest.raises(
        MissingColumns, match=r"no column for 'created_date' \(nearest in the file: 'creatd_dat'"
    ):
        mapping.recognise(["deal_id", "creatd_dat", "rep_id", "outcome", "amount"], "deals.csv")


def test_a_file_of_something_else_is_called_so():
    with pytest.raises(MissingColumns, match=r"none of its columns \('petal', 'sepal'\) is one of ours"):
        mapping.recognise(["petal", "sepal"], "iris.csv")


def test_a_forced_profile_is_the_only_one_tried():
    with pytest.raises(MissingColumns, match="HubSpot"):
        mapping.recognise(["deal_id", "created_date", "outcome"], "deals.csv", "hubspot")


def test_a_forced_profile_leaves_people_to_the_generic_one():
    assert mapping.recognise(["person_id", "role"], "people.csv", "hubspot").table == "people"


def test_an_unknown_profile_names_those_there_are():
    with pytest.raises(UnknownProfile, match="generic, hubspot, salesforce, skygeni"):
        mapping.recognise(OURS["deals"], "deals.csv", "pipedrive")


def test_a_profile_of_ones_own_is_a_yaml_file(tmp_path: Path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "name: own\ntitle: Own\nlayouts:\n  - table: deals\n    columns:\n"
        "      {deal_id: [Nr], rep_id: [Wer], created_date: [Von], outcome: [Ende]}\n"
    )
    match = mapping.recognise(["Nr", "Wer", "Von", "Ende"], "deals.csv", str(own))
    assert match.columns == {"deal_id": "Nr", "rep_id": "Wer", "created_date": "Von", "outcome": "Ende"}


def test_a_wrong_profile_file_says_where(tmp_path: Path):
    own = tmp_path / "own.yaml"
    own.write_text("name: own\ntitle: Own\nlayouts: [{table: leads, columns: {}}]\n")
    with pytest.raises(UnknownProfile, match=r"wrong at 'layouts\.0\.table'.*no canonical table 'leads'"):
        mapping.recognise(["a"], "a.csv", str(own))


def test_every_layout_names_only_columns_of_its_table():
    for profile in mapping.profiles().values():
        for layout in profile.layouts:
            known = {column.name for column in layout.canonical.columns} | {"stage", "amount", "close_date"}
            assert set(layout.columns) <= known, (profile.name, layout.table)
