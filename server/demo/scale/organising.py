"""What else is counted: budgets with awards, calls for volunteers with sign-ups."""

from server.demo.scale.steps import HERE, LOCATION, Step, chance, one_of

BUDGETS = ("2024", "2025", "2026")
AMOUNT = "100000.00"
"""Yuan of a county for a year: more than all of its social workers could get."""

AWARDS = [
    Step(
        "award budgets",
        f"""INSERT INTO award_budget ({LOCATION}, year, amount)
          SELECT {HERE}, y, {AMOUNT} FROM place p, unnest(ARRAY[{", ".join(BUDGETS)}]) AS y
          WHERE p.level = 'HUB' ORDER BY p.id, y""",
    ),
    Step(
        "awards",
        f"""INSERT INTO award ({LOCATION}, person_id, budget_id, level, year, amount, state, granted_on)
          SELECT q.place_id, q.path, q.station_id, q.county_id, q.person_id, b.id, q.level, b.year,
            CASE q.level WHEN 'ASSISTANT' THEN 1000 WHEN 'INTERMEDIATE' THEN 2000 ELSE 3000 END,
            {one_of(("GRANTED", "PAID", "PAID"), "q.id + 1")}, make_date(b.year, 3, 1)
          FROM qualification q JOIN award_budget b ON b.county_id = q.county_id
            AND b.year = ({one_of(BUDGETS, "q.id")})::integer
          WHERE {chance("q.id + 3", 2)} = 0 AND b.year <= extract(year FROM current_date - 60) ORDER BY q.id""",
    ),
    Step(
        "what budgets have spent",
        """UPDATE award_budget b SET spent = a.spent
           FROM (SELECT budget_id, sum(amount) AS spent FROM award GROUP BY budget_id) a WHERE a.budget_id = b.id""",
    ),
]
CALLS = [
    Step(
        "calls for volunteers",
        f"""INSERT INTO volunteer_call ({LOCATION}, title, needed_on, needed, state)
          SELECT t.place_id, t.path, t.station_id, t.county_id, '社区清洁日志愿者', day, 8,
            CASE WHEN day > current_date THEN 'OPEN' ELSE 'FULFILLED' END
          FROM volunteer_team t
          CROSS JOIN LATERAL (SELECT current_date + 60 - {chance("t.id", 700)} AS day) AS needed ORDER BY t.id""",
    ),
    Step(
        "sign-ups",
        f"""INSERT INTO sign_up ({LOCATION}, call_id, person_id, state, hours)
          SELECT c.place_id, c.path, c.station_id, c.county_id, c.id, m.person_id, came.state,
            CASE came.state WHEN 'ATTENDED' THEN 1 + {chance("m.id", 8)} * 0.5 END
          FROM volunteer_call c JOIN team_membership m ON m.place_id = c.place_id
          CROSS JOIN LATERAL (SELECT CASE WHEN c.needed_on > current_date THEN 'SIGNED_UP'
            ELSE {one_of(("ATTENDED", "ATTENDED", "ATTENDED", "ABSENT"), "m.id")} END AS state) AS came
          ORDER BY c.id, m.id""",
    ),
]
