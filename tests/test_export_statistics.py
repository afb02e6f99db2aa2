"""`GET /export/<statistic>` answers what the query answers, as a table or a chart, and no more than that."""

import re
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from models import Role
from resolvers.core.permissions import PERMISSIONS
from schema import schema
from server.transfer.charts import Chart
from server.transfer.columns import selection
from server.transfer.exportable import connections
from server.transfer.groups import Statistics
from tests.exporting import Get, csv_text, dig, everything, refusal, renamed, sheet, table

STATISTICS = {name: one for name, one in connections(schema).items() if isinstance(one, Statistics)}
DIMENSIONS = [(name, dimension) for name, one in STATISTICS.items() for dimension in one.dimensions]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("username", ["hub", "nancheng", "hub-observer"])
@pytest.mark.parametrize(("name", "dimension"), DIMENSIONS)
def test_a_table_has_the_groups_of_the_query_and_what_they_come_to(
    ask: Any, export: Get, username: str, name: str, dimension: str
) -> None:
    response = export(username, name, groupBy=[dimension], headers="en")
    if response.status_code == 403:
        with pytest.raises(AssertionError, match="FORBIDDEN"):
            ask(username, f"{{ {name}(groupBy: [{dimension}]) {{ totalCount }} }}")
        return
    headers, *rows, last = table(response)
    columns = STATISTICS[name].grouped({"groupBy": [dimension]}).columns
    paths = [columns[header].path for header in headers]
    nodes = everything(ask, username, name, selection(paths), f"groupBy: [{dimension}]")
    assert paths[0][0] == "key"
    assert rows == [[csv_text(dig(node, path)) for path in paths] for node in nodes]
    figures = [header for header in headers if header in STATISTICS[name].totals]
    found = ask(username, f"{{ {name}(groupBy: [{dimension}]) {{ suppressed total {{ {' '.join(figures)} }} }} }}")[
        name
    ]
    assert last[1:] == [csv_text(found["total"].get(header)) for header in headers[1:]]
    assert last[0] == ("total, with groups too small to be told" if found["suppressed"] else "total")


def test_headers_keys_and_totals_are_in_chinese(export: Get) -> None:
    headers, first, *_, last = table(
        export("hub", "serviceStatistics", groupBy=["ZONE", "FIELD", "MONTH"], fields="key,count,contacts,share")
    )
    assert headers == ["地点编码", "地点名称", "服务领域", "月份", "服务记录数", "人次", "占比"]
    assert first[2] in ("社会救助", "为老服务", "儿童关爱", "社区治理")
    assert (last[:4], last[6]) == (["合计", "", "", ""], "")


def test_what_is_compared_has_columns_named_for_the_time(ask: Any, export: Get) -> None:
    given = {"where": {"servedOn": {"gte": "2023-01-01", "lt": "2024-01-01"}}, "compareTo": "SAME_PERIOD_LAST_YEAR"}
    headers, *rows, _ = table(
        export("hub", "serviceStatistics", groupBy=["FIELD"], fields="key,count,previous.count,change", **given)
    )
    assert headers == ["服务领域", "服务记录数", "去年同期服务记录数", "变化率"]
    query = """query ($where: ServiceRecordFilter, $compareTo: Comparison) {
      serviceStatistics(groupBy: [FIELD], where: $where, compareTo: $compareTo) {
        nodes { count previous { count } change } } }"""
    nodes = ask("hub", query, given)["serviceStatistics"]["nodes"]
    assert [row[1:] for row in rows] == [
        [str(node["count"]), str(node["previous"]["count"]), str(node["change"])] for node in nodes
    ]


@pytest.mark.parametrize("fields", ["key.item.name", "previous.count", "change", "records", "total.count", ""])
def test_columns_that_the_groups_have_not_are_refused(export: Get, fields: str) -> None:
    for form in ("csv", "xlsx"):
        refused = export("hub", "serviceStatistics", groupBy=["FIELD"], fields=fields, format=form)
        assert refusal(refused) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("group_by", ["[", '["COLOUR"]', "[7]", "7", '[["FIELD"]]', '{"FIELD": 1}'])
@pytest.mark.parametrize("form", ["csv", "svg"])
def test_what_is_no_dimension_is_refused(export: Get, form: str, group_by: str) -> None:
    status, code = refusal(export("hub", "serviceStatistics", groupBy=group_by, format=form))
    assert (status, code) in ((400, "BAD_USER_INPUT"), (400, "BAD_REQUEST"))


def test_everything_is_one_row_without_a_total_below(ask: Any, export: Get) -> None:
    headers, *rows = table(export("hub", "awardStatistics", headers="en", fields="count,amount,averageAmount"))
    (node,) = ask("hub", "{ awardStatistics { nodes { count amount averageAmount } } }")["awardStatistics"]["nodes"]
    assert rows == [[str(node[header]) for header in headers]]


def test_many_pages_of_groups_have_one_total_at_their_end(ask: Any, export: Get) -> None:
    query = "{ serviceStatistics(groupBy: [COMMUNITY, ITEM], includeEmpty: true) { totalCount } }"
    _, *rows = table(
        export("hub", "serviceStatistics", groupBy=["COMMUNITY", "ITEM"], includeEmpty=True, fields="key,count")
    )
    count = ask("hub", query)["serviceStatistics"]["totalCount"]
    assert len(rows) == count + 1 > 2 * STATISTICS["serviceStatistics"].page
    assert len({tuple(row[:4]) for row in rows}) == len(rows)
    assert [number for number, row in enumerate(rows) if row[0] == "合计"] == [count]


def test_a_sheet_has_the_rows_of_the_csv_and_figures_are_numbers(export: Get) -> None:
    asked: Any = {"groupBy": ["YEAR", "QUALIFICATION"], "fields": "key,count,amount,averageAmount,share"}
    headers, *rows = sheet(export("hub", "awardStatistics", format="xlsx", **asked))
    plain = table(export("hub", "awardStatistics", **asked))
    assert list(headers) == plain[0]
    assert [[_number(cell) for cell in row] for row in rows] == [[_number(cell) for cell in row] for row in plain[1:]]
    assert {type(cell) for row in rows[:-1] for cell in row[2:]} <= {int, float}


def _number(cell: Any) -> Any:
    try:
        return round(float(cell), 12)
    except (TypeError, ValueError):
        return cell or ""


# -- what is held back -----------------------------------------------------------------------------------------------


def test_groups_that_are_held_back_are_in_no_table_and_no_chart(ask: Any, export: Get) -> None:
    asked: Any = {"groupBy": ["TOWNSHIP", "ITEM"]}
    query = """{ serviceStatistics(groupBy: [TOWNSHIP, ITEM], first: 100) {
      suppressed nodes { key { place { name } item { name } } count } } }"""
    found = ask("hub-observer", query)["serviceStatistics"]
    told = [(node["key"]["place"]["name"], node["key"]["item"]["name"], node["count"]) for node in found["nodes"]]
    assert found["suppressed"]
    assert told
    for form, rows in (
        ("csv", table(export("hub-observer", "serviceStatistics", **asked))),
        ("xlsx", sheet(export("hub-observer", "serviceStatistics", format="xlsx", **asked))),
    ):
        groups = [(row[1], row[3], int(row[4])) for row in rows[1:-1]]
        assert groups == told, form
        assert rows[-1][0] == "合计（含未列出的过小分组）"
    drawn = chart(export("hub-observer", "serviceStatistics", format="svg", **asked))
    assert sorted(drawn.bars) == sorted(f"{place} {count}" for place, _, count in told)
    assert "乡镇（过小的分组未列出）" in drawn.texts
    others = chart(export("hub", "serviceStatistics", format="svg", groupBy=["TOWNSHIP", "FIELD"]))
    assert len(others.bars) > len(drawn.bars)
    assert not any("未列出" in text for text in others.texts)


def test_empty_and_held_back_groups_look_alike_when_all_are_asked_for(export: Get) -> None:
    asked: Any = {"groupBy": ["TOWNSHIP", "ITEM"], "includeEmpty": True, "fields": "key,count"}
    _, *rows, _ = table(export("hub-observer", "serviceStatistics", **asked))
    shown = {row[4] for row in rows}
    assert "" in shown
    assert not shown & {"0", "1", "2", "3", "4"}


def test_an_account_exports_the_statistics_of_its_scope_alone(ask: Any, export: Get) -> None:
    hub = ask("hub", "{ viewer { scope { id } } }")["viewer"]["scope"]["id"]
    codes = {code for (code, *_) in table(export("leifeng", "communities", fields="code"))}
    _, *rows, _ = table(export("leifeng", "gridStatistics", groupBy=["COMMUNITY"]))
    assert {row[0] for row in rows if row[0]} <= codes
    assert len(rows) > 2
    drawn = chart(export("leifeng", "gridStatistics", groupBy=["COMMUNITY"], format="svg"))
    assert len(drawn.bars) == len(rows)
    for form in ("csv", "svg"):
        response = export("leifeng", "gridStatistics", groupBy=["COMMUNITY"], where={"within": hub}, format=form)
        assert response.status_code == 200
        assert not codes & set(re.findall(r"\d{12}", response.text))


def test_statistics_need_what_their_query_needs(client: httpx.Client, export: Get) -> None:
    assert refusal(export(None, "serviceStatistics", format="svg", groupBy=["FIELD"])) == (401, "UNAUTHENTICATED")
    filtered: Any = {"where": {"servedOn": {"gte": "2023-01-01"}}, "groupBy": ["ITEM"]}
    for form in ("csv", "xlsx", "svg"):
        assert refusal(export("hub-observer", "serviceStatistics", format=form, **filtered)) == (403, "FORBIDDEN")


# -- charts ----------------------------------------------------------------------------------------------------------


class Drawn:
    """What is in a chart: its texts, and the label and figure of each bar or point."""

    def __init__(self, body: bytes) -> None:
        self.root = ElementTree.fromstring(body)
        self.texts = [element.text or "" for element in self.root.iter(f"{SVG}text")]
        self.bars = self._told("bar")
        self.points = self._told("dots")

    def _told(self, kind: str) -> list[str]:
        groups = [group for group in self.root.iter(f"{SVG}g") if kind in (group.get("class") or "").split()]
        return [group.findtext(f"{SVG}title") or "" for group in groups]


def chart(response: httpx.Response) -> Drawn:
    assert response.status_code == 200, response.text
    return Drawn(response.content)


def test_a_chart_has_a_bar_for_each_group_with_chinese_texts(export: Get) -> None:
    response = export("hub", "serviceStatistics", groupBy=["TOWNSHIP"], format="svg", figure="contacts")
    drawn = chart(response)
    _, *rows, _ = table(export("hub", "serviceStatistics", groupBy=["TOWNSHIP"], fields="key.place.name,contacts"))
    assert drawn.bars == [f"{name or '无'} {int(contacts):,}" for name, contacts in rows]
    assert {"服务统计：人次（乡镇）", "乡镇", "人次", "南埕镇社工站"} <= set(drawn.texts)
    assert "Noto Sans CJK SC" in response.text
    assert response.headers["content-type"].startswith("image/svg+xml")
    assert 'attachment; filename="serviceStatistics-2' in response.headers["content-disposition"]
    assert response.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_second_dimension_has_a_colour_for_each_of_its_values(export: Get) -> None:
    drawn = chart(export("hub", "serviceStatistics", groupBy=["ZONE", "FIELD"], format="svg"))
    _, *rows, _ = table(export("hub", "serviceStatistics", groupBy=["ZONE", "FIELD"], fields="key.place.name,count"))
    assert sorted(drawn.bars) == sorted(f"{name or '无'} {count}" for name, count in rows)
    assert {"社会救助", "为老服务", "儿童关爱", "社区治理"} <= set(drawn.texts)


@pytest.mark.parametrize("group_by", [["MONTH", "FIELD"], ["FIELD", "MONTH"]])
def test_time_is_a_line_for_each_value_of_the_other_dimension(export: Get, group_by: list[str]) -> None:
    drawn = chart(export("hub", "serviceStatistics", groupBy=group_by, format="svg"))
    _, *rows, _ = table(export("hub", "serviceStatistics", groupBy=["FIELD", "MONTH"], fields="key.month,count"))
    assert sorted(drawn.points) == sorted(" ".join(row) for row in rows)
    assert not drawn.bars
    months = [text for text in drawn.texts if re.fullmatch(r"\d{4}-\d\d", text)]
    assert months == sorted(set(months))


def test_times_without_groups_have_their_place_and_no_figure() -> None:
    statistics = STATISTICS["serviceStatistics"].grouped({"groupBy": ["QUARTER"]})
    drawing = Chart(statistics, statistics.columns["count"], PERMISSIONS[Role.OBSERVER], chinese=True)
    groups = [("2022-Q2", 7), ("2021-Q3", 5), ("2021-Q4", None)]
    drawing.add({"key": {"quarter": quarter}, "count": count} for quarter, count in groups)
    drawn = Drawn(drawing.draw())
    quarters = [text for text in drawn.texts if "-Q" in text]
    assert quarters == ["2021-Q3", "2021-Q4", "2022-Q1", "2022-Q2"]
    assert drawn.bars == ["2021-Q3 5", "2022-Q2 7"]


def test_a_chart_of_nothing_says_so(export: Get) -> None:
    where = {"servedOn": {"gte": "1999-01-01", "lt": "1999-02-01"}}
    drawn = chart(export("hub", "serviceStatistics", groupBy=["FIELD"], where=where, format="svg"))
    assert "没有数据" in drawn.texts


@pytest.mark.parametrize(
    ("group_by", "more", "said"),
    [
        ([], {}, "one dimension or of two"),
        (["ZONE", "FIELD", "MONTH"], {}, "one dimension or of two"),
        (["COMMUNITY"], {}, "60 of `村居`"),
        (["ZONE", "COUNTY"], {}, "one kind of places"),
        (["FIELD", "TOWNSHIP"], {}, "12 of `乡镇`"),
        (["FIELD"], {"figure": "previous.count"}, "`figure` cannot be"),
        (["FIELD"], {"figure": "key.field"}, "`figure` cannot be"),
        (["FIELD"], {"fields": "count"}, "no parameter `fields`"),
    ],
)
def test_what_no_chart_can_show_is_refused(export: Get, group_by: list[str], more: dict[str, str], said: str) -> None:
    refused = export("hub", "serviceStatistics", groupBy=group_by, format="svg", **more)
    assert refused.status_code == 400
    assert said in refused.json()["errors"][0]["message"]


def test_only_statistics_have_charts(export: Get) -> None:
    assert refusal(export("hub", "stations", format="svg")) == (400, "BAD_REQUEST")


def test_names_are_text_and_a_chart_has_nothing_that_runs_or_leads_away(export: Get, database: str) -> None:
    name = '<script>alert(1)</script>" onload="x'
    with renamed(database, name) as code:
        where = {"code": {"eq": code}}
        response = export("hub", "gridStatistics", groupBy=["GRID"], where=where, format="svg")
    drawn = chart(response)
    assert drawn.bars == [f"{name} 1"]
    tags = {element.tag.removeprefix(SVG) for element in drawn.root.iter()}
    assert tags <= {"svg", "g", "defs", "style", "title", "rect", "path", "text"}
    attributes = {key for element in drawn.root.iter() for key in element.attrib}
    assert not [key for key in attributes if key.startswith("on") or key.endswith("href")]
    addresses = re.findall(r"\w+://[^\"' ]*|url\(|@import", response.text)
    assert set(addresses) == {"http://www.w3.org/2000/svg"}


def test_the_same_figures_are_the_same_chart(export: Get) -> None:
    asked: Any = {"groupBy": ["ZONE", "FIELD"], "format": "svg"}
    first, again = (export("hub", "serviceStatistics", **asked).content for _ in range(2))
    other = export("hub", "serviceStatistics", figure="contacts", **asked).content
    assert first == again
    assert _id(first) != _id(other)


def _id(body: bytes) -> str:
    return ElementTree.fromstring(body).get("id") or ""


# -- coverage --------------------------------------------------------------------------------------------------------

COVERAGE = """cells { item { id } covered records lastServedOn } community { code }"""


@pytest.mark.parametrize("username", ["hub", "nancheng", "hub-observer"])
@pytest.mark.parametrize("figure", ["covered", "records", "lastServedOn"])
def test_coverage_is_a_column_for_each_item(ask: Any, export: Get, username: str, figure: str) -> None:
    headers, *rows = table(export(username, "coverage", headers="en", figure=figure, fields="community.code"))
    items = ask(username, "{ coverage { items { item { id code } communities share } } }")["coverage"]["items"]
    assert headers == ["community.code", *[item["item"]["code"] for item in items]]
    nodes = everything(ask, username, "coverage", COVERAGE)
    expected = []
    for node in nodes:
        cells = {cell["item"]["id"]: csv_text(cell[figure]) for cell in node["cells"]}
        expected.append([node["community"]["code"], *[cells.get(item["item"]["id"], "") for item in items]])
    assert rows[:-2] == expected
    assert rows[-2:] == [[name, *[csv_text(item[name]) for item in items]] for name in ("communities", "share")]


def test_coverage_is_told_in_chinese_and_drawn_by_item(ask: Any, export: Get) -> None:
    headers, first, *_, communities, share = sheet(export("hub", "coverage", format="xlsx"))
    items = ask("hub", "{ coverage { items { item { name } communities } } }")["coverage"]["items"]
    names = [item["item"]["name"] for item in items]
    assert headers == ("村居编码", "村居名称", "已覆盖项数", "覆盖率", *names)
    assert set(first[4:]) <= {"是", "否"}
    assert (communities[0], share[0]) == ("覆盖村居数", "覆盖率")
    drawn = chart(export("hub", "coverage", format="svg"))
    assert drawn.bars == [f"{item['item']['name']} {item['communities']}" for item in items]
    assert "服务覆盖：覆盖村居数（服务内容）" in drawn.texts


def test_what_coverage_does_not_tell_is_refused(export: Get) -> None:
    assert refusal(export("hub", "coverage", figure="share")) == (400, "BAD_USER_INPUT")
    assert refusal(export("hub", "coverage", figure="records", format="svg")) == (400, "BAD_USER_INPUT")
