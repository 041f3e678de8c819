/** Runs a command in a terminal of its own, and presses Ctrl-C there. */
import { spawn } from 'node:child_process';

/** Python's pty, as Node has none. Prints what the terminal got, then a line of JSON. */
const IN_TERMINAL = `
import json, os, pty, sys
mark, command = sys.argv[1].encode(), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
out, pressed = b"", False
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    if not chunk:
        break
    out += chunk
    if not pressed and mark in out:
        pressed = True
        os.write(terminal, b"\\x03")
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({"out": out.decode("utf-8", "replace"), "pressed": pressed, "code": code}))
`;

export interface TerminalSession {
  /** All that the terminal got, escapes and all. */
  readonly out: string;
  /** The mark came, so the key was pressed. */
  readonly pressed: boolean;
  /** Of the command; the negative number of the signal that ended it. */
  readonly code: number;
}

/** @param mark Ctrl-C is pressed as soon as the terminal has got it. */
export async function pressCtrlC(mark: string, command: readonly string[], cwd: string): Promise<TerminalSession> {
  const child = spawn('python3', ['-c', IN_TERMINAL, mark, ...command], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => {
    text += String(data);
  });
  await new Promise((resolve) => child.on('close', resolve));
  return JSON.parse(text) as TerminalSession;
}
