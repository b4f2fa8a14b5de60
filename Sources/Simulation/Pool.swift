import Glibc

/// Runs this program again, several at once; a crash of one is one's own.
struct Pool {
  struct Job {
    var arguments: [String]
    var tag: String
  }

  let size: Int

  /// - Parameter take: Told what each printed and how it ended, in the order they end; false asks for no further job.
  func run(_ jobs: [Job], _ take: (Job, _ out: String, _ status: Int32) -> Bool) {
    var waiting = jobs[...]
    var running: [pid_t: (job: Job, out: String)] = [:]
    var wantsMore = true
    while !running.isEmpty || (wantsMore && !waiting.isEmpty) {
      while wantsMore, running.count < size, let job = waiting.popFirst() {
        let out = "/tmp/slothunter-simulation-\(getpid())-\(waiting.count).out"
        running[start(job, out)] = (job, out)
      }
      var status: Int32 = 0
      let ended = waitpid(-1, &status, 0)
      guard let (job, out) = running.removeValue(forKey: ended) else { continue }
      let text = read(out)
      unlink(out)
      wantsMore = take(job, text, status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)) && wantsMore
    }
  }

  private func start(_ job: Job, _ out: String) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var arguments = (["simulate"] + job.arguments).map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child = pid_t()
    guard posix_spawn(&child, "/proc/self/exe", &actions, nil, &arguments, environ) == 0 else {
      halt("can't start a worker")
    }
    return child
  }

  private func read(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
  }
}
