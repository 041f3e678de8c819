"""
Has recorded refreshes run by ministack's interpreter of the Amazon States Language, which evaluates JSONata by a library that
shares no code with ours. Each call of a service has to come in the recorded order with the recorded arguments, gets the
recorded answer, and the end has to be the recorded one. Last, a definition with one changed condition has to differ.

  replay.py RECORDINGS (of record.ts)
"""

import json
import logging
import os
import sys
from pathlib import Path

# Waits take no time; read by the module when it is loaded.
os.environ["SFN_WAIT_SCALE"] = "0"

from ministack.services import stepfunctions  # noqa: E402


branches_run = stepfunctions._run_parallel_branches


def with_output(state, state_input, execution, context):
    """ministack 1.5.33 passes over the Output of a Parallel in JSONata; evaluated here as it does it for a Map."""
    results, following = branches_run(state, state_input, execution, context)
    output = stepfunctions._apply_jsonata_output(state, state_input, context, result=results, default=results)
    return output, following


stepfunctions._run_parallel_branches = with_output


def replayed(recording, definition=None):
    """How ministack ends it: (status, output or error and cause), and the first call that differs, if one does."""
    calls, differences = iter(recording["calls"]), []

    def service(resource, arguments):
        expected = next(calls, None)
        if not same_call(expected, resource, arguments):
            differences.append(f"called {json.dumps([resource, arguments])[:400]}\n  expected {json.dumps(expected)[:400]}")
            raise stepfunctions._ExecutionError("Replay.Differs", "no answer is recorded for this")
        if "error" in expected:
            raise stepfunctions._ExecutionError(expected["error"], expected["cause"])
        return json.loads(json.dumps(expected["answer"]))

    # Instead of a server with every service: only the interpreter is asked for its opinion.
    stepfunctions._invoke_resource = service
    stepfunctions._state_machines[recording["machine"]] = {
        "name": "refresh",
        "definition": json.dumps(definition or recording["definition"]),
    }
    execution = {
        "stateMachineArn": recording["machine"],
        "executionArn": recording["execution"],
        "name": "replay",
        "status": "RUNNING",
        "startDate": "2026-06-15T03:10:00.000Z",
        "input": json.dumps(recording["input"]),
        "testCase": "",
        "mockAttempts": {},
        "events": [],
    }
    stepfunctions._executions[recording["execution"]] = execution
    stepfunctions._run_execution(recording["execution"])
    left = sum(1 for _ in calls)
    if left and not differences:
        differences.append(f"ended {left} calls early")
    return ended(execution), differences[:1]


def same_call(expected, resource, arguments):
    return expected is not None and expected["resource"] == resource and expected["args"] == arguments


def ended(execution):
    if execution["status"] == "FAILED":
        return {"status": "FAILED", "error": execution["error"], "cause": execution["cause"]}
    return {"status": execution["status"], "output": json.loads(execution["output"])}


def problems_of(recording, definition=None):
    end, differences = replayed(recording, definition)
    yield from differences
    expected = {key: recording[key] for key in ("status", "output", "error", "cause") if key in recording}
    if end != expected:
        yield f"ended with {json.dumps(end)[:600]}\n  expected {json.dumps(expected)[:600]}"


def main(path):
    logging.disable(logging.CRITICAL)
    recordings = json.loads(Path(path).read_text())
    found = [f"{each['name']}: {problem}" for each in recordings for problem in problems_of(each)]
    changed = json.loads(json.dumps(recordings[0]["definition"]).replace("$older = 0", "$older = 1"))
    if not any(problems_of(recordings[0], changed)):
        found.append("a definition with a changed condition ran as if it were not changed")
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        sys.exit(f"states: {len(found)} problems")
    calls = sum(len(each["calls"]) for each in recordings)
    print(f"states: {len(recordings)} refreshes run alike in two interpreters, with {calls} calls; a changed one does not")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: replay.py RECORDINGS (of record.ts)")
    main(sys.argv[1])
