import LoopbackServer
import TestSupport
import Testing

struct LoopbackServerTests {
  @Test func `a server starts on a port of its own and stops twice without harm`() throws {
    let server = try RecordingServer()
    #expect(server.port != 0)
    #expect(server.origin == "http://127.0.0.1:\(server.port)")
    server.stop()
    server.stop()
  }

  @Test func `a port in use is an error that names it`() throws {
    let server = try RecordingServer()
    let problem = #expect(throws: LoopbackServer.StartFailure.self) {
      _ = try LoopbackServer(port: server.port) { _ in .notFound }
    }
    #expect(problem?.description.contains("\(server.port)") == true)
  }
}
