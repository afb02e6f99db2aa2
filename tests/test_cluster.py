"""`make cluster`: a primary and two replicas on this machine, which serve the demo, and are gone with it."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from server.demo import PASSWORD
from tests.conftest import LOG_IN
from tests.listening import until

CHECKOUT = Path(__file__).parent.parent
TOKEN = "a-token-of-the-tests"
REPLICAS = {"replica-1", "replica-2"}


def test_make_cluster_serves_the_demo_from_replicas_and_ctrl_c_stops_all_of_it(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ZHANWANG_", "MAKE"))},
        "ZHANWANG_PORT": str(port),
        "ZHANWANG_DATA_DIR": str(tmp_path),
        "ZHANWANG_METRICS_TOKEN": TOKEN,
    }
    process = subprocess.Popen(
        ["make", "cluster"], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "/graphql; Ctrl-C" in line:
                break
        assert {name for name in REPLICAS if name in printed} == REPLICAS
        assert len(list(tmp_path.glob("**/postmaster.pid"))) == 3
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            until(lambda: sampled(client, "zhanwang_replica_in_use") == dict.fromkeys(REPLICAS, 1))
            assert set(sampled(client, "zhanwang_replica_lag_seconds")) == REPLICAS
            log_in = {"query": LOG_IN, "variables": {"username": "leifeng", "password": PASSWORD}}
            access = client.post("/graphql", json=log_in).json()["data"]["logIn"]["accessToken"]
            headers = {"Authorization": f"Bearer {access}"}

            def answered() -> set[str]:
                answer = client.post("/graphql", json={"query": "{ stations { totalCount } }"}, headers=headers)
                assert answer.json() == {"data": {"stations": {"totalCount": 1}}}
                return set(sampled(client, "zhanwang_reads_total"))

            until(lambda: not REPLICAS.isdisjoint(answered()))
    finally:
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert "Traceback" not in printed + rest
    # Each takes it away as it ends in order.
    assert not list(tmp_path.glob("**/postmaster.pid"))


def sampled(client: httpx.Client, name: str) -> dict[str, float]:
    """The samples of a metric, by the node."""
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    families = text_string_to_metric_families(text)
    return {one.labels["node"]: one.value for family in families for one in family.samples if one.name == name}
