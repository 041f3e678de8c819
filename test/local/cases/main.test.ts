import { parseCommandLine } from '../../../local/cases/main';

describe('The command line of npm run cases', () => {
  test.each([
    [['--port', 'x'], '--port must be 0 … 65535, not "x"'],
    [['--port', '65536'], '--port must be'],
    [['--domain', 'a b'], '--domain must be'],
    [['--domain', ''], '--domain must be'],
    [['surplus'], 'surplus'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message);
  });

  test('has defaults', () => {
    expect(parseCommandLine([])).toEqual({ port: 4567, domainId: 'local-domain', help: false });
  });
});
