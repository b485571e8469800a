"""Salesforce and HubSpot exports, with their own ways of telling ids, outcomes and history."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data import tables
from data.load import load

TODAY = date(2024, 6, 30)
AT = "T10:00:00.000+0000"  # a time of day, as the API writes it
SF = "Id,Name,OwnerId,Amount,StageName,CloseDate,CreatedDate,IsClosed,IsWon,Type,IsDeleted\n"
HISTORY = "OpportunityId,StageName,Amount,Probability,CloseDate,CreatedDate\n"
SF_DEALS = (
    f"0065f00000AbCdEAAV,One,u1,1000,Closed Won,2024-12-31,2024-01-05{AT},true,true,New Business,false\n"
    "006B,Two,u1,2000,Closed Lost,2024-03-31,2024-01-05T23:30:00.000-0500,true,false,Renewal,false\n"
    "006C,Three,u2,3000,Prospecting,2024-09-30,2024-02-01T10:00:00.000+0000,false,false,Upsell,false\n"
    "006D,Gone,u2,3000,Prospecting,2024-09-30,2024-02-01T10:00:00.000+0000,false,false,,true\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def file(tmp_path: Path, name: str, content: str) -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def rows(home: Path, table: str = "deals") -> list[dict]:
    return pq.read_table(tables.current(home).path(table)).to_pylist()


def events(home: Path) -> list[tuple]:
    return [tuple(e[n] for n in ("deal_id", "date", "kind", "old", "new")) for e in rows(home, "deal_events")]


def test_salesforce_tells_outcomes_by_its_flags_and_leaves_deleted_deals_out(home, tmp_path):
    history = f"{HISTORY}0065f00000AbCdE,Closed Won,1000,100,2024-12-31,2024-04-02{AT}\n"
    files = [file(tmp_path, "opps.csv", SF + SF_DEALS), file(tmp_path, "history.csv", history)]
    report = load(files, home, loaded_on=TODAY)
    assert [(d["outcome"], d["deal_type"]) for d in rows(home)] == [
        ("won", "new"), ("lost", "renewal"), ("open", "expansion"),
    ]  # fmt: skip
    assert [d["created_date"] for d in rows(home)][:2] == [date(2024, 1, 5), date(2024, 1, 6)]
    assert report.files[0].dropped == {"deleted": 1}


def test_the_true_close_is_the_first_closed_stage_in_the_history(home, tmp_path):
    history = (
        f"{HISTORY}"
        "0065f00000AbCdE,Closed Won,1500,100,2024-12-31,2024-04-02T08:00:00.000+0000\n"
        "0065f00000AbCdE,Prospecting,1000,10,2024-06-30,2024-01-05T10:00:00.000+0000\n"
        "0065f00000AbCdE,Prospecting,1000,10,2024-12-31,2024-02-05T10:00:00.000+0000\n"
    )
    load([file(tmp_path, "o.csv", SF + SF_DEALS), file(tmp_path, "h.csv", history)], home, loaded_on=TODAY)
    assert rows(home)[0]["close_date"] == date(2024, 4, 2)
    one = "0065f00000AbCdEAAV"
    assert sorted(events(home)[:6], key=str) == sorted(
        [
            (one, date(2024, 1, 5), "stage", None, "Prospecting"),
            (one, date(2024, 1, 5), "amount", None, "100000"),
            (one, date(2024, 1, 5), "close_date", None, "2024-06-30"),
            (one, date(2024, 2, 5), "close_date", "2024-06-30", "2024-12-31"),
            (one, date(2024, 4, 2), "stage", "Prospecting", "Closed Won"),
            (one, date(2024, 4, 2), "amount", "100000", "150000"),
        ],
        key=str,
    )


def test_without_history_a_closed_deal_with_a_close_date_to_come_is_rejected(home, tmp_path):
    more = "".join(f"X{i},N,u1,1,Closed Lost,2024-03-31,2024-01-05,true,false,,false\n" for i in range(30))
    report = load([file(tmp_path, "opps.csv", SF + SF_DEALS + more)], home, loaded_on=TODAY)
    assert report.rows_rejected == 1
    assert "closed in the future" in report.reject_file.read_text()


def test_a_field_history_gives_changes_by_field_and_other_fields_are_left_out(home, tmp_path):
    changes = (
        "OpportunityId,Field,OldValue,NewValue,CreatedDate\n"
        "006C,StageName,Prospecting,Qualification,2024-03-01T10:00:00.000+0000\n"
        "006C,Amount,1000,1250.5,2024-03-02T10:00:00.000+0000\n"
        "006C,CloseDate,2024-06-30,2024-09-30,2024-03-03T10:00:00.000+0000\n"
        "006C,Description,a,b,2024-03-04T10:00:00.000+0000\n"
    )
    deals = SF + SF_DEALS.splitlines(keepends=True)[2]
    report = load([file(tmp_path, "o.csv", deals), file(tmp_path, "f.csv", changes)], home, loaded_on=TODAY)
    assert events(home)[:3] == [
        ("006C", date(2024, 3, 1), "stage", "Prospecting", "Qualification"),
        ("006C", date(2024, 3, 2), "amount", "100000", "125050"),
        ("006C", date(2024, 3, 3), "close_date", "2024-06-30", "2024-09-30"),
    ]
    assert report.files[1].dropped == {"other": 1}


def test_only_completed_tasks_are_activities(home, tmp_path):
    tasks = (
        "Id,WhatId,OwnerId,ActivityDate,Status,Type,CompletedDateTime\n"
        "T1,006C,u2,2024-03-01,Completed,Call,2024-03-02T09:00:00.000+0000\nT2,006C,u2,2024-03-05,Open,Call,\n"
    )
    deals = SF + SF_DEALS.splitlines(keepends=True)[2]
    load([file(tmp_path, "o.csv", deals), file(tmp_path, "t.csv", tasks)], home, loaded_on=TODAY)
    assert [(a["deal_id"], a["date"], a["kind"]) for a in rows(home, "activities")] == [
        ("006C", date(2024, 3, 2), "Call")
    ]


def test_hubspot_tells_stages_by_id_and_history_by_columns(home, tmp_path):
    text = (
        "hs_object_id,dealname,pipeline,dealstage,amount,createdate,closedate,hubspot_owner_id,hs_is_closed,"
        "hs_is_closed_won,hs_date_entered_appointmentscheduled,hs_date_entered_contractsent\n"
        "77,Big,default,contractsent,500,1709251200000,,9,false,false,1709251200000,2024-04-01T08:00:00Z\n"
        "78,Won,default,closedwon,700,2024-03-01T00:00:00Z,2024-05-01T12:00:00Z,9,true,true,,\n"
    )
    load([file(tmp_path, "hubspot.csv", text)], home, loaded_on=TODAY)
    assert [(d["stage"], d["outcome"], d["created_date"]) for d in rows(home)] == [
        ("Contract sent", "open", date(2024, 3, 1)),
        ("Closed won", "won", date(2024, 3, 1)),
    ]
    assert events(home) == [
        ("77", date(2024, 3, 1), "stage", None, "Appointment scheduled"),
        ("77", date(2024, 4, 1), "stage", "Appointment scheduled", "Contract sent"),
    ]
    assert tables.current(home).manifest["stages"][0] == "Appointment scheduled"


def test_stages_of_one_name_in_two_pipelines_stay_apart(home, tmp_path):
    own = file(
        tmp_path,
        "own.yaml",
        "name: own\ntitle: Own\nclosed_stages: [Signed]\npipelines:\n"
        "  '1': {title: New, stages: {a: Demo}}\n  '2': {title: Renewals, stages: {b: Demo}}\n"
        "layouts:\n  - table: deals\n    columns: {stage: [dealstage]}\n",
    )
    text = "deal_id,rep_id,created_date,outcome,dealstage\n1,ann,2024-01-01,open,a\n2,ann,2024-01-01,open,b\n"
    load([file(tmp_path, "deals.csv", text)], home, loaded_on=TODAY, profile=str(own))
    assert [d["stage"] for d in rows(home)] == ["Demo (New)", "Demo (Renewals)"]


def test_a_stage_alone_tells_the_outcome_of_a_plain_export(home, tmp_path):
    text = "id,owner,created,close date,stage\n1,a,2024-01-01,2024-02-01,Won\n2,a,2024-01-01,,Engaging\n"
    load([file(tmp_path, "pipeline.csv", text)], home, loaded_on=TODAY)
    assert [d["outcome"] for d in rows(home)] == ["won", "open"]
