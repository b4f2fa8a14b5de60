import Dispatch
import Glibc

signal(SIGPIPE, SIG_IGN)
guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
  say(Options.usage)
  exit(64)
}
let sources = cleanUpOnSignals()
Task.detached { [options] in exit(await torture(options)) }
// The handlers live as long as the harness.
withExtendedLifetime(sources) { DispatchSemaphore(value: 0).wait() }
