import Glibc
import LoopbackServer
import TestSupport
import Testing

/// The running service while its wall clock is set, by libfaketime; the monotonic clock goes on as it is.
@Suite(.enabled(if: access(FakeTime.launcher, X_OK) == 0, "needs libfaketime"))
struct ClockServiceTests {
  @Test(arguments: ["-3600s", "+3600s", "+86400s"])
  func `a jump of the clock stops no run and no retry, and signatures follow it`(_ jump: String) async throws {
    let world = try ServiceWorld()
    let home = try ServiceHome(world, subscribers: [ServiceHome.chat("1001"), ServiceHome.hook])
    let clock = home.path + "/clock"
    try write("+0s", to: clock)
    let service = try home.launch(
      ["--log=info"],
      // The launcher makes what the library shares first: made by the library, it would move the environment, behind
      // which Swift looks for the command line. Its own setting would win over the file's.
      wrapper: [
        FakeTime.launcher, "-m", "-f", "+0s", "/usr/bin/env", "-u", "FAKETIME", "FAKETIME_TIMESTAMP_FILE=\(clock)",
        "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
      ])
    defer { service.end() }
    try await service.runs(2, verdict: "")
    world.telegram { _ in ServerResponse.html("<html>oops</html>", status: 503) }
    world.slots = ["s1": [0, 1]]
    try await eventually("an attempt that fails, a hook that was told", story: { service.log }) {
      !world.posts.isEmpty && !world.hooks.isEmpty
    }
    try write(jump, to: clock)
    try await service.logged("the clock was set")
    world.telegram()
    // Due in seconds, not in an hour and not a day ago: it comes, once.
    do {
      try await eventually("the alert", story: { service.log }) { !world.deliveredPosts.isEmpty }
    } catch {
      Issue.record("\(try await home.command("outbox", "list", "--json").out)")
      throw error
    }
    try await service.runs(3)
    #expect(world.deliveredPosts.count == 1)
    #expect(world.hooks.first?.isSigned == true)
    world.slots = ["s1": [0, 1, 2]]
    try await eventually("the next alert", story: { service.log }) { world.hooks.count == 2 }
    #expect(world.hooks[1].isSigned == false, "its signature names a time that is not now")
    let starts = world.siteRequests.filter { $0.what == "getFreeDays" }.map(\.at)
    #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 > .milliseconds(500) }, "a burst: \(starts)")
  }

  private func write(_ text: String, to path: String) throws {
    // Renamed into place: the library reads at any moment.
    let file = try #require(fopen(path + ".new", "wb"))
    fputs(text + "\n", file)
    fclose(file)
    rename(path + ".new", path)
  }
}

enum FakeTime {
  /// Of Debian's package `faketime`.
  static let launcher = "/usr/bin/faketime"
}
