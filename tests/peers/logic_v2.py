#!/usr/bin/env python3
"""Screens the same parties against the same list with hitstream and with logic-v2, the matcher of OpenSanctions and yente, in one run.

    python3 -m venv venv && venv/bin/pip install -r tests/peers/requirements.txt    (builds PyICU: g++, pkg-config, libicu-dev)
    venv/bin/python tests/peers/logic_v2.py target/release/hitstream LIST QUERIES [--every 16]

LIST and QUERIES as `hitstream eval` takes them. logic-v2 has no search of its own: it is given the 50 entities that share most letters
with the party, which costs it nothing here; its time is that of its comparisons alone. hitstream's is all of its work.
"""

import argparse
import collections
import json
import math
import re
import subprocess
import tempfile
import time

from followthemoney.proxy import EntityProxy
from nomenklatura.matching import get_algorithm

CANDIDATES = 50
THRESHOLD = 0.70  # the default of both
NAMES = ("name", "alias", "weakAlias", "previousName")


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def proxy(record):
    entity = EntityProxy.from_dict({"id": record["id"], "schema": record["schema"], "properties": {}})
    for name, values in record["properties"].items():
        for value in values:
            entity.add(name, value, quiet=True)
    return entity


def party(query):
    names = ("name", "birthDate", "country", "idNumber")
    given = {name: query[name] for name in names if query.get(name)}
    return {name: value if isinstance(value, list) else [value] for name, value in given.items()}


def grams(text):
    padded = (f" {word} " for word in re.findall(r"\w+", text.casefold()))
    return {word[at : at + 3] for word in padded for at in range(len(word) - 2)}


class Candidates:
    """Entities by the three-letter pieces of their names, rare ones weighing more."""

    def __init__(self, entities):
        self.of = collections.defaultdict(list)
        for number, entity in enumerate(entities):
            names = [name for kind in NAMES for name in entity["properties"].get(kind, [])]
            for gram in set().union(*map(grams, names or [entity.get("caption", "")])):
                self.of[gram].append(number)
        self.count = len(entities)

    def nearest(self, name):
        shared = collections.Counter()
        for gram in grams(name):
            holders = self.of.get(gram, ())
            for number in holders:
                shared[number] += math.log(self.count / len(holders))
        return [number for number, _ in shared.most_common(CANDIDATES)]


def logic_v2(entities, queries):
    algorithm = get_algorithm("logic-v2")
    config = algorithm.default_config()
    listed = [proxy(entity) for entity in entities]
    candidates = Candidates(entities)
    hits, spent, compared = {}, 0.0, 0
    for query in queries:
        # Of its own id: logic-v2 remembers names by the id of their entity.
        mine = proxy({"id": f"party {query['id']}", "schema": query["schema"], "properties": party(query)})
        near = [listed[number] for number in candidates.nearest(query["name"])]
        begun = time.process_time()
        scores = [(entity.id, algorithm.compare(mine, entity, config).score) for entity in near]
        spent += time.process_time() - begun
        compared += len(near)
        hits[query["id"]] = [entity for entity, score in scores if score >= THRESHOLD]
    print(f"logic-v2 made {compared / len(queries):.0f} comparisons a party")
    return hits, spent / len(queries)


def hitstream(program, list_path, queries):
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = f"{folder}/parties.jsonl", f"{folder}/results.jsonl"
        with open(asked, "w", encoding="utf-8") as file:
            for query in queries:
                given = {name: query[name] for name in ("id", "schema", "name", "birthDate", "country", "idNumber") if name in query}
                file.write(json.dumps(given) + "\n")
        subprocess.run(
            [program, "screen", "--list", list_path, "--input", asked, "--output", answered, "--threshold", str(THRESHOLD)],
            check=True, stderr=subprocess.DEVNULL,
        )
        hits = {result["id"]: [hit["entity_id"] for hit in result["hits"]] for result in lines(answered)}
        bench = subprocess.run(
            [program, "bench", "--list", list_path, "--input", asked], check=True, capture_output=True, text=True
        ).stdout
    cost = re.search(r"^cost\s+([\d.]+) us CPU a party", bench, re.MULTILINE)
    return hits, float(cost[1]) / 1e6


def row(name, hits, cost, queries):
    found, alerts = collections.defaultdict(list), collections.defaultdict(list)
    for query in queries:
        if query["label"] == "positive":
            found[query["class"]].append(bool(set(hits[query["id"]]) & set(query["expected"])))
        elif query["label"] == "negative":
            alerts["hard" if query["class"].startswith("neg_near") else "plain"].append(bool(hits[query["id"]]))
    mean = lambda values: sum(values) / max(len(values), 1)
    macro = mean([mean(values) for values in found.values()])
    plain, hard = (1000 * mean(alerts[kind]) for kind in ("plain", "hard"))
    print(f"{name:<10} {macro:>12.3f} {plain:>13.1f} {hard:>12.1f} {cost * 1e6:>16.1f}")


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("program")
    args.add_argument("list")
    args.add_argument("queries")
    args.add_argument("--every", type=int, default=16, help="take every so manieth query")
    args = args.parse_args()
    entities = lines(args.list)
    queries = lines(args.queries)[:: args.every]
    print(f"{len(entities)} entities, {len(queries)} parties (every {args.every}th), threshold {THRESHOLD:.2f}")
    peer_hits, peer_cost = logic_v2(entities, queries)
    hits, cost = hitstream(args.program, args.list, queries)
    print(f"{'':<10} {'macro recall':>12} {'plain alerts':>13} {'hard alerts':>12} {'us CPU a party':>16}    alerts of 1,000 clean parties")
    row("logic-v2", peer_hits, peer_cost, queries)
    row("hitstream", hits, cost, queries)
    print(f"logic-v2 takes {peer_cost / cost:,.0f} times the CPU")


if __name__ == "__main__":
    main()
