import PluginHost
import Testing

struct FailpointTests {
  @Test func `a failpoint is armed by its name, a count and an action`() throws {
    let plain = try #require(Failpoint.Arming(parsing: "after-send:3"))
    #expect(plain.point == .afterSend && plain.nth == 3 && plain.action == .kill)
    #expect(Failpoint.Arming(parsing: "in-checkpoint:1:say")?.action == .say)
  }

  @Test(arguments: [
    "", "after-send", "after-send:0", "after-send:-1", "after-sent:1", "after-send:1:pause", "a:1:kill:x",
  ])
  func `what is not understood arms nothing`(_ text: String) {
    #expect(Failpoint.Arming(parsing: text) == nil)
  }

  @Test func `nothing is armed where nobody asked`() {
    #expect(Failpoint.armed == nil && Failpoint.problem == nil)
    // Goes on: the test process lives.
    for point in Failpoint.allCases { Failpoint.reach(point) }
  }
}
