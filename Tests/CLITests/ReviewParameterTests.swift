@testable import CLI
import Testing

/// A watch is the same watch however its parameters are written.
struct ReviewParameterTests {
  @Test func `an encoded parameter is the same as a decoded one`() throws {
    #expect(try TryCommand.parameters(["slug=%D8%AF%DA%A9%D8%AA%D8%B1"]) == ["slug": "دکتر"])
    #expect(try TryCommand.parameters(["slug=دکتر"]) == ["slug": "دکتر"])
    #expect(try TryCommand.parameters(["slug=100%"]) == ["slug": "100%"])
  }

  @Test(arguments: ["", "..", "a/b", "%2E%2E", "a%0Ab"])
  func `what can be no part of a path is refused`(value: String) {
    #expect(throws: CommandFailure.self) { try TryCommand.parameters(["slug=\(value)"]) }
  }
}
