"""Policies as shards can have them: without subqueries.

- what a subquery reads of a setting is read without it
- the ids of what is seen beside the paths, `id = ANY (ARRAY(SELECT …))`, are in a setting that `open_scope` fills
- whether a row exists in sight, `EXISTS (SELECT …)`, is asked by a function, of the row's own county
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from server.citus.catalogue import Policy
from server.citus.kinds import COUNTY, Kind

LISTED = "string_to_array(NULLIF(current_setting('zhanwang.{name}', true), ''), ',')::bigint[]"
ALIAS = re.compile(r'\s+AS\s+"?\w+"?$')
FOUND = re.compile(r"FROM (\w+) (\w+)\s+WHERE \(+\2\.id = (\w+)\.(\w+)\)")
NOUN = re.compile(r"s\.noun = '(\w+)'")
OWN_SCOPE = "zhanwang.scope"


class UnknownSubquery(Exception):
    """A policy asks something that no shard can answer. `str()` of it says which and what."""


@dataclass(frozen=True)
class Sight:
    """What a policy asks of another table: whether a row is there; own: in the scope; also: another condition."""

    table: str
    own: bool
    also: str
    distributed: bool

    @property
    def function(self) -> str:
        """The name of the function that answers it."""
        return f"{'has' if self.own else 'sees'}_{self.table}{'_as_' + _words(self.also) if self.also else ''}"

    @property
    def signature(self) -> str:
        """The function with its arguments' types."""
        return f"{self.function}({'bigint, ' if self.distributed else ''}bigint)"


def rewritten(policy: Policy, kinds: dict[str, Kind]) -> tuple[Policy, set[Sight]]:
    """A policy without subqueries, and what its functions are to answer. Raises UnknownSubquery."""
    sights: set[Sight] = set()

    def whole(text: str | None) -> str | None:
        return None if text is None else _expression(text, policy, kinds, sights)

    using, check = whole(policy.using), whole(policy.check)
    return Policy(**{**vars(policy), "using": using, "check": check}), sights


def statement(policy: Policy) -> str:
    """The statement that makes a policy."""
    using = f" USING ({policy.using})" if policy.using else ""
    check = f" WITH CHECK ({policy.check})" if policy.check else ""
    how = "PERMISSIVE" if policy.permissive else "RESTRICTIVE"
    of = f"{policy.name} ON {policy.table} AS {how} FOR {policy.command} TO {policy.roles}"
    return f"CREATE POLICY {of}{using}{check}"


def _expression(text: str, policy: Policy, kinds: dict[str, Kind], sights: set[Sight]) -> str:
    text = _each(text, "ARRAY( SELECT", lambda inner: _listed(inner, policy))
    text = _each(text, "EXISTS ( SELECT", lambda inner: _asked(inner, policy, kinds, sights))
    text = _each(text, "( SELECT", lambda inner: _plain(inner, policy))
    return re.sub(r"\s+", " ", text)


def _each(text: str, opening: str, replace: Callable[[str], str]) -> str:
    """The text with each of its parts that begin so, up to the closing parenthesis, replaced."""
    while (start := text.find(opening)) >= 0:
        first = text.index("(", start)
        depth, end = 0, first
        for end in range(first, len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
        text = text[:start] + replace(text[first + 1 : end].strip()) + text[end + 1 :]
    return text


def _listed(inner: str, policy: Policy) -> str:
    if re.search(r"FROM assignment a\s", inner):
        return LISTED.format(name="guests")
    if noun := NOUN.search(inner):
        return LISTED.format(name=f"shared_{noun[1]}")
    raise _unknown(policy, inner)


def _asked(inner: str, policy: Policy, kinds: dict[str, Kind], sights: set[Sight]) -> str:
    found = FOUND.search(re.sub(r"\s+", " ", inner))
    if found is None or found[3] != policy.table:
        raise _unknown(policy, inner)
    also = re.search(r"AND \((\w+\.kind = '\w+')::text\)|AND \((\w+\.kind = '\w+'::text)\)", inner)
    condition = re.sub(r"^\w+\.|::text", "", next(filter(None, also.groups()))) if also else ""
    distributed = kinds[found[1]] is Kind.DISTRIBUTED
    sight = Sight(found[1], OWN_SCOPE in inner, condition, distributed)
    sights.add(sight)
    county = f"{COUNTY}, " if distributed else ""
    return f"{sight.function}({county}{found[4]})"


def _plain(inner: str, policy: Policy) -> str:
    inner = inner.removeprefix("SELECT").strip()
    if " FROM " not in re.sub(r"\s+", " ", inner):
        return f"({ALIAS.sub('', inner)})"
    home = re.search(r"^a\.place_id FROM account a WHERE \(a\.id = (.*)\)$", re.sub(r"\s+", " ", inner))
    if home is None:
        raise _unknown(policy, inner)
    return f"home_of({home[1]})"


def _unknown(policy: Policy, inner: str) -> UnknownSubquery:
    return UnknownSubquery(f"The policy {policy.name} of {policy.table} asks what no shard can answer: {inner}")


def _words(condition: str) -> str:
    return "_".join(re.findall(r"\w+", condition)).lower()


def asking(sight: Sight) -> str:
    """The statement that makes the function of a sight: as who asks, of one row, whose county is given."""
    given = "p_county bigint, p_id bigint" if sight.distributed else "p_id bigint"
    where = [f"r.{COUNTY} = p_county"] if sight.distributed else []
    where.append("r.id = p_id")
    if sight.own:
        scope = f"NULLIF(current_setting('{OWN_SCOPE}', true), '')"
        where.append(f"r.path >= {scope} AND r.path < left({scope}, -1) || '/'")
    if sight.also:
        where.append(f"r.{sight.also}")
    return f"""
CREATE FUNCTION {sight.function}({given}) RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp
SET citus.allow_nested_distributed_execution = on SET plan_cache_mode = auto AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM {sight.table} r WHERE {" AND ".join(where)});
END $$
"""
