from tests.conftest import Ask
Q = """query ($on: Date, $within: ID, $kind: ResponsibilityGapKind) { responsibilityGaps(on: $on, within: $within, kind: $kind, first: 100) { totalCount
  nodes { missing place { code name } } pageInfo { endCursor } } }"""
def test_x(ask: Ask, database) -> None:
    for who in ("hub", "longxun", "xunzhong"):
        for v in ({}, {"kind": "NO_GRID_WORKER"}, {"within": "S1"}, {"within": "S3"}, {"on": "2015-01-01"}):
            r = ask(who, Q, v)["responsibilityGaps"]; print(who, v, r["totalCount"], r["nodes"][:3])
    i = ask("hub", '{community(code:"350526100011"){id grids{nodes{id}}}}')["community"]["id"]
    print(ask("hub", Q, {"within": i}))
    assert 0
