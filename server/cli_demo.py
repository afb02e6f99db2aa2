"""`zhanwang demo`: makes a network of a given size, to try out what a city, a province or the nation would have."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from server.cli_owner import bar, err, fail
from server.embedded import database_urls
from server.migrate import migrate
from server.progress import Progress
from server.serving import print_accounts
from server.settings import Settings

out = Console(highlight=False)


def demo(
    scale: Annotated[
        Literal["county", "city", "province", "nation"], typer.Option(help="What the root of the network is.")
    ],
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw away what the embedded database holds.")] = False,
    made_up: Annotated[bool, typer.Option("--made-up", help="Make up the places, too.")] = False,
) -> None:
    """Make a network of any size in the embedded database; `serve --demo` serves it."""
    # Nothing that the other commands should carry in memory.
    from server.demo.scale import Occupied

    settings = Settings.load(demo=True)
    with database_urls(settings) as urls:
        try:
            with bar("Migrating") as progress:
                asyncio.run(_make(urls.owner_url, settings, scale, progress, fresh=fresh, made_up=made_up))
        except Occupied as error:
            fail(f"{error} Another ZHANWANG_DATA_DIR, or --fresh, which throws away what is there.", 1)
        print_accounts(urls.owner_url, out)
    out.print("`zhanwang serve --demo` serves it.")


async def _make(
    owner_url: str, settings: Settings, scale_name: str, progress: Progress, *, fresh: bool, made_up: bool
) -> None:
    from resolvers.core.passwords import Passwords
    from resolvers.core.personal import PersonalVault
    from server.demo import PASSWORD
    from server.demo.scale import SIZES, Scale, check_empty, fill, renew
    from server.demo.scale.divisions import VERSION, fetch, read

    assert settings.personal_keys is not None
    scale = Scale(scale_name)
    if fresh:
        await renew(owner_url)
    else:
        await migrate(owner_url)
        await check_empty(owner_url)
    packed: Path | None = None
    if not made_up:
        progress(0, None, "Fetching real places, from npm")
        packed = await asyncio.to_thread(fetch, settings.data_dir)
    err.print(f"Real places, of china-division {VERSION}." if packed else "Made-up places.")
    listed = read(packed, scale) if packed else None
    vault = PersonalVault(settings.personal_keys.get_secret_value())
    await fill(owner_url, SIZES[scale], listed, vault, await Passwords().hash(PASSWORD), progress)
