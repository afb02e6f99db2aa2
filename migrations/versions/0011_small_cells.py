"""Small cells: which groups of a statistic are not told to who sees figures alone.

docs/decisions/0018-small-cells.md says why the rules are these, and what they guarantee.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Groups, keys of a group, and tables with the coarser ones: all of them together take 4 seconds.
MOST_CELLS, MOST_KEYS, MOST_TABLES = 5000, 12, 128

# A table is numbered by its depths, one digit for each chain, so that a coarser table has the lesser number.
SMALL_CELLS = f"""
CREATE FUNCTION small_cells(p_keys text[], p_chains integer[], p_sizes bigint[], p_smallest integer)
RETURNS SETOF integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
DECLARE
  keys constant text[] := ARRAY(SELECT k.key FROM unnest(p_keys) WITH ORDINALITY AS k (key, place) ORDER BY k.place);
  cells constant integer := COALESCE(cardinality(p_sizes), 0);
  chains constant integer := COALESCE(cardinality(p_chains), 0);
  columns constant integer := COALESCE((SELECT sum(c) FROM unnest(p_chains) c), 0);
  strides integer[] := '{{}}';
  tables integer := 1;
  ranks integer[] := '{{}}';
  nodes integer[] := array_fill(1, ARRAY[cells]);
  hidden boolean[];
  small boolean[];
  active integer[];
  level integer;
  last integer;
  found integer[];
  sizes bigint[];
  firsts integer[];
  hides boolean[];
  beneath boolean[];
  above integer[];
  across integer[];
  column_first integer[];
  column_next integer[];
  row_first integer[];
  prices bigint[];
  cell integer;
  x integer;
  y integer;
  z integer;
  price bigint;
  best bigint;
  crossed boolean;
  corners integer[];
BEGIN
  IF p_smallest <= 1 OR cells = 0 THEN RETURN; END IF;
  FOR link IN 1 .. chains LOOP
    strides := strides || tables;
    tables := tables * (p_chains[link] + 1);
  END LOOP;
  IF cells > {MOST_CELLS} OR columns > {MOST_KEYS} OR tables > {MOST_TABLES} THEN
    RAISE 'small_cells: % cells of % keys in % tables are too many', cells, columns, tables
      USING ERRCODE = 'program_limit_exceeded';
  END IF;
  IF cardinality(keys) <> cells * columns THEN
    RAISE 'small_cells: % cells need % keys each', cells, columns USING ERRCODE = 'array_subscript_error';
  END IF;
  -- What a cell is at each depth of each chain, as a number.
  level := 0;
  FOR link IN 1 .. chains LOOP
    found := array_fill(1, ARRAY[cells]);
    FOR depth IN 1 .. p_chains[link] LOOP
      level := level + 1;
      SELECT array_agg(k.rank ORDER BY k.cell) INTO found FROM (
        SELECT c.cell, dense_rank() OVER (
                 ORDER BY c.parent, keys[(c.cell - 1) * columns + level] COLLATE "C")::integer AS rank
          FROM unnest(found) WITH ORDINALITY AS c (parent, cell)) k;
      ranks := ranks || found;
    END LOOP;
  END LOOP;
  SELECT ARRAY[sum(s) BETWEEN 1 AND p_smallest - 1] INTO hidden FROM unnest(p_sizes) s;
  small := hidden;

  FOR number IN 1 .. tables - 1 LOOP
    SELECT array_agg(c.link ORDER BY c.link) INTO active
      FROM generate_subscripts(p_chains, 1) AS c (link) WHERE number / strides[c.link] % (p_chains[c.link] + 1) > 0;
    -- The nodes of this table, numbered after all before: those of a coarser one, told apart by one key more.
    last := active[cardinality(active)];
    level := (SELECT COALESCE(sum(c), 0) FROM unnest(p_chains[: last - 1]) c)
             + number / strides[last] % (p_chains[last] + 1);
    SELECT array_agg(cardinality(hidden) + k.rank ORDER BY k.cell) INTO found FROM (
      SELECT c.cell, dense_rank() OVER (ORDER BY c.node, c.rank)::integer AS rank
        FROM unnest(nodes[(number - strides[last]) * cells + 1 : (number - strides[last] + 1) * cells],
                    ranks[(level - 1) * cells + 1 : level * cells]) WITH ORDINALITY AS c (node, rank, cell)) k;
    SELECT array_agg(k.size ORDER BY k.node), array_agg(k.first ORDER BY k.node),
           array_agg(k.size BETWEEN 1 AND p_smallest - 1 ORDER BY k.node)
      INTO sizes, firsts, hides
      FROM (SELECT c.node, sum(c.size)::bigint AS size, min(c.cell)::integer AS first
              FROM unnest(found, p_sizes) WITH ORDINALITY AS c (node, size, cell) GROUP BY c.node) k;
    nodes := nodes || found;
    small := small || hides;
    -- What is part of something hidden is hidden.
    beneath := array_fill(false, ARRAY[cardinality(firsts)]);
    FOREACH last IN ARRAY active LOOP
      above := (SELECT array_agg(nodes[(number - strides[last]) * cells + f.first] ORDER BY f.node)
                  FROM unnest(firsts) WITH ORDINALITY AS f (first, node));
      SELECT array_agg(k.hides OR hidden[k.above] ORDER BY k.node),
             array_agg(k.beneath OR small[k.above] ORDER BY k.node)
        INTO hides, beneath
        FROM unnest(hides, beneath, above) WITH ORDINALITY AS k (hides, beneath, above, node);
    END LOOP;

    IF cardinality(active) > 2 THEN
      -- All siblings in every chain are hidden together.
      level := number - (SELECT sum(strides[c]) FROM unnest(active) c);
      hides := (SELECT array_agg(k.hides ORDER BY k.node) FROM (
        SELECT f.node, bool_or(f.hides) OVER (PARTITION BY nodes[level * cells + f.first]) AS hides
          FROM unnest(hides, firsts) WITH ORDINALITY AS f (hides, first, node)) k);
    ELSE
      IF cardinality(active) = 2 THEN
        SELECT array_agg(f.above ORDER BY f.node), array_agg(f.across ORDER BY f.node),
               array_agg(f.above_first ORDER BY f.node), array_agg(f.above_next ORDER BY f.node),
               array_agg(f.across_first ORDER BY f.node),
               array_agg(CASE WHEN f.hides THEN 0 ELSE f.size END ORDER BY f.node)
          INTO above, across, column_first, column_next, row_first, prices
          FROM (SELECT f.*, min(f.node) OVER (PARTITION BY f.above)::integer AS above_first,
                       lead(f.node) OVER (PARTITION BY f.above ORDER BY f.node)::integer AS above_next,
                       min(f.node) OVER (PARTITION BY f.across)::integer AS across_first
                  FROM (SELECT u.*, nodes[(number - strides[active[1]]) * cells + u.first] AS above,
                               nodes[(number - strides[active[2]]) * cells + u.first] AS across
                          FROM unnest(firsts, sizes, hides) WITH ORDINALITY AS u (first, size, hides, node)) f) f;
        -- A rectangle: one more and one less at its corners changes no sum. The cheapest one is hidden.
        FOR cell IN
          SELECT k.node FROM unnest(sizes, beneath) WITH ORDINALITY AS k (size, beneath, node)
           WHERE k.size BETWEEN 1 AND p_smallest - 1 AND NOT k.beneath ORDER BY k.node
        LOOP
          best := NULL;
          corners := '{{}}';
          x := column_first[cell];
          WHILE x IS NOT NULL AND best IS DISTINCT FROM 0 LOOP
            IF x <> cell AND sizes[x] > 0 AND (best IS NULL OR prices[x] < best) THEN
              y := row_first[cell];
              z := row_first[x];
              WHILE across[y] = across[cell] LOOP
                IF y <> cell AND sizes[y] > 0 THEN
                  WHILE across[z] = across[x] AND above[z] < above[y] LOOP
                    z := z + 1;
                  END LOOP;
                  price := prices[x] + prices[y];
                  crossed := across[z] = across[x] AND above[z] = above[y];
                  IF crossed THEN price := price + prices[z]; END IF;
                  IF best IS NULL OR price < best THEN
                    best := price;
                    corners := ARRAY[x, y, CASE WHEN crossed THEN z ELSE x END];
                  END IF;
                END IF;
                y := y + 1;
              END LOOP;
            END IF;
            x := column_next[x];
          END LOOP;
          FOREACH x IN ARRAY corners LOOP
            hides[x] := true;
            prices[x] := 0;
          END LOOP;
        END LOOP;
      END IF;
      -- What is hidden beside a sum that is shown must itself come to as much as is shown.
      FOREACH last IN ARRAY active LOOP
        hides := (SELECT array_agg(k.hides OR k.wanted AND k.place = 1 ORDER BY k.node) FROM (
          SELECT f.node, f.hides,
                 NOT hidden[nodes[(number - strides[last]) * cells + f.first]]
                 AND COALESCE(sum(f.size) FILTER (WHERE f.hides) OVER line, 0) BETWEEN 1 AND p_smallest - 1 AS wanted,
                 row_number() OVER (PARTITION BY nodes[(number - strides[last]) * cells + f.first]
                                    ORDER BY f.hides OR f.size = 0, f.size, f.node) AS place
            FROM unnest(sizes, hides, firsts) WITH ORDINALITY AS f (size, hides, first, node)
          WINDOW line AS (PARTITION BY nodes[(number - strides[last]) * cells + f.first])) k);
      END LOOP;
    END IF;
    hidden := hidden || hides;
  END LOOP;
  RETURN QUERY SELECT c.cell::integer FROM unnest(nodes[(tables - 1) * cells + 1 :]) WITH ORDINALITY AS c (node, cell)
                WHERE hidden[c.node] ORDER BY c.cell;
END $$;
COMMENT ON FUNCTION small_cells IS
  'The positions, from 1, of the cells of a table that are hidden. p_keys: the keys of all cells, one cell after the
   other, or an array for each. p_chains: how many of a cell''s keys make up each chain of keys within keys, the
   coarser first. p_sizes: how many each cell counts. p_smallest: the least number that is shown; up to 1 nothing is
   hidden.';
"""


def upgrade() -> None:
    """Add the function."""
    op.execute(SMALL_CELLS)
    op.execute("REVOKE ALL ON FUNCTION small_cells(text[], integer[], bigint[], integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION small_cells(text[], integer[], bigint[], integer) TO zhanwang_server")


def downgrade() -> None:
    """The server's statements call it."""
    raise NotImplementedError("the hiding of small cells cannot be taken back")
