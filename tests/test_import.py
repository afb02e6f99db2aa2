"""`POST /import/<table>` writes what the mutations would, all or nothing, and tells every fault of every row."""

import csv
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from server.transfer import importing
from tests.importing import GRID, Import, Send, counts, csv_of, faults, grid, stored, template, xlsx_of
from tests.writing import Writing


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_rows_are_written_as_the_mutation_writes_them(
    writing: Writing, send: Send, community: str, make: Callable[..., bytes]
) -> None:
    code = f"W{make.__name__}"
    body = make(GRID, [community, code, "新网格", "１，234 户", 4000, "350526105200"])
    answer = send("nancheng", "grids", body, "application/octet-stream").json()
    assert answer == {"dryRun": False, "rows": 1, "valid": 1, "written": 1, "errorCount": 0, "errors": []}
    nodes = writing.ask(
        "nancheng",
        "query ($code: String!) { grid(code: $code) { id name households residents divisionCode parent { code } } }",
        {"code": code},
    )["grid"]
    key = int(nodes.pop("id")[1:])
    assert nodes == {
        "name": "新网格",
        "households": 1234,
        "residents": 4000,
        "divisionCode": "350526105200",
        "parent": {"code": community},
    }
    entry = writing.sql("SELECT * FROM audit_entry WHERE noun = 'grid' AND row_id = $1", key)
    assert [(row["action"], json.loads(row["after"])["households"]) for row in entry] == [("importGrids", 1234)]
    assert writing.value("SELECT count(*) FROM placement WHERE place_id = $1", key) == 1


def test_headers_may_be_english_reordered_starred_and_below_a_title(
    writing: Writing, load: Import, community: str
) -> None:
    headers = [" Name ", "*CODE", "residents", "Households（必填）", "division code", "communityCode", "备注"]
    row = ["新网格", "E1", "7", "2", "350526105200", community, "说明"]
    answer = load("nancheng", "grids", ["南埕镇网格表"], [], headers, row, [""] * 7, [*row[:1], "E2", *row[2:]])
    assert (counts(answer), faults(answer)) == ((2, 2, 2), [])
    assert stored(writing, "E1", "E2") == ["E1", "E2"]


def test_one_fault_undoes_all_and_every_fault_is_told(
    writing: Writing, load: Import, community: str, elsewhere: str
) -> None:
    taken = writing.value("SELECT code FROM grid ORDER BY id")
    before = writing.value("SELECT count(*) FROM audit_entry")
    rows = [
        grid(community, 1),
        grid(community, 2, households="许多", residents=""),
        grid(elsewhere, 3),
        grid("999", 4, name=""),
        grid(community, 5, code=taken),
        grid(community, 1),
        grid(community, 6, households=-5),
        grid(community, 7, households=3_000_000_000),
        grid(community, 8),
    ]
    answer = load("nancheng", "grids", GRID, *rows)
    assert faults(answer) == [
        (3, "户数", "INVALID"),
        (3, "人口数", "REQUIRED"),
        (4, "所属村居编码", "NOT_FOUND"),
        (5, "名称", "REQUIRED"),
        (5, "所属村居编码", "NOT_FOUND"),
        (6, "编码", "TAKEN"),
        (7, "编码", "DUPLICATE"),
        (8, "户数", "INVALID"),
        (9, "户数", "INVALID"),
    ]
    assert counts(answer) == (9, 2, 0)
    assert stored(writing, *[f"N{n}" for n in range(10)]) == []
    assert writing.value("SELECT count(*) FROM audit_entry") == before


def test_a_code_out_of_scope_is_refused_as_one_that_there_is_not(load: Import, elsewhere: str) -> None:
    hidden, missing = load("nancheng", "grids", GRID, grid(elsewhere, 1), grid("999", 2))["errors"]
    assert hidden | {"row": 0} == missing | {"row": 0}


def test_the_valid_rows_are_written_on_request(writing: Writing, load: Import, community: str) -> None:
    rows = [grid(community, 11), grid("999", 12), grid(community, 13, households="x"), grid(community, 14)]
    before = writing.value("SELECT count(*) FROM audit_entry WHERE action = 'importGrids'")
    answer = load("nancheng", "grids", GRID, *rows, mode="valid-rows")
    assert counts(answer) == (4, 2, 2)
    assert [row for row, _, _ in faults(answer)] == [3, 4]
    assert stored(writing, "N11", "N12", "N13", "N14") == ["N11", "N14"]
    assert writing.value("SELECT count(*) FROM audit_entry WHERE action = 'importGrids'") == before + 2


@pytest.mark.parametrize("mode", ["all", "valid-rows"])
def test_a_dry_run_tells_of_each_row_and_writes_nothing(
    writing: Writing, load: Import, community: str, mode: str
) -> None:
    before = writing.value("SELECT count(*) FROM audit_entry")
    rows = [grid(community, 21), grid("999", 22), grid(community, 23)]
    answer = load("nancheng", "grids", GRID, *rows, dryRun="true", mode=mode)
    assert (answer["dryRun"], counts(answer)) == (True, (3, 2, 0))
    assert answer["results"] == [
        {"row": 3, "valid": False},
        {"row": 2, "valid": True},
        {"row": 4, "valid": True},
    ]
    assert stored(writing, "N21", "N22", "N23") == []
    assert writing.value("SELECT count(*) FROM audit_entry") == before


def test_what_is_listed_is_bounded_and_what_is_counted_is_not(load: Import) -> None:
    answer = load("nancheng", "grids", GRID, *[grid("999", n) for n in range(1200)], dryRun="true")
    assert (counts(answer), answer["errorCount"]) == ((1200, 0, 0), 1200)
    assert len(answer["errors"]) == len(answer["results"]) == importing.LISTED


def test_a_key_makes_a_repeat_answer_what_the_first_answered(writing: Writing, send: Send, community: str) -> None:
    body = csv_of(GRID, grid(community, 31), grid(community, 32))
    first = send("nancheng", "grids", body, idempotency_key="grids-1").json()
    again = send("nancheng", "grids", body, idempotency_key="grids-1").json()
    assert (counts(first), counts(again)) == ((2, 2, 2), (2, 2, 2))
    assert ("repeated" in first, again["repeated"]) == (False, True)
    other = send("nancheng", "grids", csv_of(GRID, grid(community, 33)), idempotency_key="grids-1").json()
    assert (counts(other), faults(other)) == ((1, 0, 0), [(None, None, "KEY_REUSED")])
    assert stored(writing, "N31", "N32", "N33") == ["N31", "N32"]


def test_communities_are_imported_by_who_may_change_the_structure(writing: Writing, load: Import) -> None:
    headers = ["所属社工站编码", "编码", "名称", "类别", "行政区划代码", "户数", "人口数", "起始日期"]
    row = ["350526105", "350526105299", "新社区", "社区", "350526105299", 10, 30, "2024年5月1日"]
    answer = load("hub", "communities", headers, row, [*row[:1], "X", "x", "镇", *row[4:7], "2999-01-01"])
    assert faults(answer) == [(3, "类别", "INVALID")]
    assert counts(load("hub", "communities", headers, row)) == (1, 1, 1)
    found = writing.sql(
        "SELECT c.kind, p.valid_from::text FROM community c JOIN placement p ON p.place_id = c.id WHERE c.code = $1",
        "350526105299",
    )
    assert [tuple(one) for one in found] == [("RESIDENTIAL", "2024-05-01")]


# -- personnel -----------------------------------------------------------------------------------------------------

PERSON = ["人员类别", "姓名", "性别", "手机号", "身份证号", "出生日期", "住址", "归属单位编码"]
ASSIGNED = [*PERSON, "岗位职责", "任职地点编码", "任职开始日期"]
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(serial: int) -> str:
    """The identity number of a woman, born on 1990-03-07."""
    body = f"35052619900307{serial * 2 % 1000:03}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def person(home: str, serial: int, **changes: Any) -> list[Any]:
    row = {"kind": "网格员", "name": f"林{serial}", "gender": "女", "phone": f"1990000{serial:04}"}
    row |= {"id_number": id_number(serial), "birth_date": "1990年3月7日", "address": "福建省泉州市德化县南埕镇1号"}
    return [*(row | changes).values(), home]


def people(writing: Writing, *names: str) -> list[str]:
    rows = writing.sql("SELECT name FROM person WHERE name = ANY ($1) ORDER BY name", list(names))
    return [row["name"] for row in rows]


def test_people_are_written_sealed_and_assigned(writing: Writing, load: Import, community: str) -> None:
    rows = [
        [*person(community, 1), "网格员", community, "2024/5/1"],
        [*person(community, 2, kind="SOCIAL_WORKER"), "", "", ""],
        [*person("350526105", 3, birth_date="", phone=" 199-0000 0003 "), None, None, None],
    ]
    answer = load("nancheng", "personnel", ASSIGNED, *rows)
    assert (counts(answer), faults(answer)) == ((3, 3, 3), [])
    query = """{ personnel(where: { name: { in: ["林1", "林2", "林3"] } }, orderBy: [{ field: NAME }]) { nodes {
      kind name gender phone idNumber birthDate address home { code }
      private { phone idNumber birthDate }
      assignments { duty validFrom place { code } } } } }"""
    first, second, third = writing.ask("nancheng", query)["personnel"]["nodes"]
    assert first == {
        "kind": "GRID_WORKER",
        "name": "林1",
        "gender": "FEMALE",
        "phone": "199****0001",
        "idNumber": f"3505**********{id_number(1)[-4:]}",
        "birthDate": "1990-**-**",
        "address": "福建省泉州市德化县南埕镇****",
        "home": {"code": community},
        "private": {"phone": "19900000001", "idNumber": id_number(1), "birthDate": "1990-03-07"},
        "assignments": [{"duty": "GRID_WORKER", "validFrom": "2024-05-01", "place": {"code": community}}],
    }
    assert (second["kind"], second["assignments"]) == ("SOCIAL_WORKER", [])
    assert (third["home"], third["private"]["phone"]) == ({"code": "350526105"}, "19900000003")
    entries = writing.sql("SELECT noun, after::text FROM audit_entry WHERE action = 'importPersonnel' ORDER BY id")
    assert [entry["noun"] for entry in entries] == ["person", "assignment", "person", "person"]
    assert not any(id_number(1) in entry["after"] or "19900000001" in entry["after"] for entry in entries)


def test_every_fault_of_a_person_is_told(writing: Writing, load: Import, community: str, elsewhere: str) -> None:
    rows = [
        [*person(community, 11, kind="村长", gender="", id_number="3.50526E+17"), "", "", ""],
        [*person(elsewhere, 12, birth_date="30.2.1990"), "网格员", "999", ""],
        [*person(community, 13, phone="138****1234"), "", "", ""],
        [*person(community, 14, id_number="350526199003070018"), "", "", ""],
        [*person(community, 15), "", community, "2024-05-01"],
        [*person(community, 16), "网格员", community, ""],
        [*person(community, 17), "驻站社工", "350526105", "2024-05-01"],
        [*person(community, 18, gender="男"), "", "", ""],
        [*person(community, 19), "", "", ""],
        [*person(community, 20, id_number=id_number(19)), "", "", ""],
        [*person(community, 21, id_number=""), "", "", ""],
        [*person(community, 21, id_number=""), "", "", ""],
    ]
    answer = load("nancheng", "personnel", ASSIGNED, *rows)
    assert faults(answer) == [
        (2, "人员类别", "INVALID"),
        (2, "性别", "REQUIRED"),
        (2, "身份证号", "INVALID"),
        (3, "出生日期", "INVALID"),
        (3, "任职开始日期", "REQUIRED"),
        (3, "归属单位编码", "NOT_FOUND"),
        (3, "任职地点编码", "NOT_FOUND"),
        (4, "手机号", "INVALID"),
        (5, "身份证号", "INVALID"),
        (6, "任职地点编码", "INVALID"),
        (6, "任职开始日期", "INVALID"),
        (7, "任职开始日期", "REQUIRED"),
        (8, "岗位职责", "INVALID"),
        (9, "身份证号", "INVALID"),
        (11, "身份证号", "DUPLICATE"),
        (13, None, "DUPLICATE"),
    ]
    assert counts(answer) == (12, 2, 0)
    assert people(writing, *[f"林{n}" for n in range(10, 22)]) == []


def test_a_person_whose_assignment_is_refused_is_not_written(writing: Writing, load: Import, community: str) -> None:
    rows = [
        [*person(community, 31), "驻站社工", "350526105", "2024-05-01"],
        [*person(community, 32), "网格员", community, "2024-05-01"],
    ]
    answer = load("nancheng", "personnel", ASSIGNED, *rows, mode="valid-rows")
    assert (counts(answer), faults(answer)) == ((2, 1, 1), [(2, "岗位职责", "INVALID")])
    assert people(writing, "林31", "林32") == ["林32"]
    entries = "SELECT count(*) FROM audit_entry e JOIN person p ON p.id = e.row_id WHERE noun = 'person' AND name = $1"
    assert writing.value(entries, "林32") == 1
    orphans = "SELECT count(*) FROM audit_entry e WHERE noun = 'person' AND action = 'importPersonnel'"
    assert writing.value(f"{orphans} AND NOT EXISTS (SELECT FROM person p WHERE p.id = e.row_id)") == 0


def test_formulas_are_kept_as_text_and_come_out_harmless(
    writing: Writing, tables: httpx.Client, load: Import, community: str
) -> None:
    name = '=cmd|"/c calc"!A1'
    answer = load("nancheng", "personnel", PERSON, person(community, 41, name=name))
    assert (counts(answer), people(writing, name)) == ((1, 1, 1), [name])
    where = {"where": json.dumps({"name": {"eq": name}}), "fields": "name"}
    headers = {"Authorization": f"Bearer {writing.token('nancheng')}"}
    exported = tables.get("/export/personnel", params=where, headers=headers).content.decode("utf-8-sig")
    assert next(csv.reader([exported.splitlines()[1]])) == [f"'{name}"]


def test_every_column_of_personnel_has_a_place_in_the_mutations(tables: httpx.Client, writing: Writing) -> None:
    headers = template(tables, writing, "personnel", format="csv").content.decode("utf-8-sig").strip().split(",")
    assert headers == ASSIGNED
    english = template(tables, writing, "personnel", format="csv", headers="en").content.decode("utf-8-sig")
    names = "kind,name,gender,phone,idNumber,birthDate,address,homeCode,duty,placeCode,since"
    assert english.strip() == names
