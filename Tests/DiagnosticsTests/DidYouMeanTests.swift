import Diagnostics
import Testing

struct DidYouMeanTests {
  static let keys = ["css", "json", "pattern", "text", "xpath", "entries", "each", "fields", "min_interval"]

  @Test(arguments: [
    ("patern", "pattern"), ("jsno", "json"), ("fileds", "fields"), ("xPath", "xpath"),
    ("min_intervall", "min_interval"),
    ("entrys", "entries"), ("feilds", "fields"),
  ])
  func `a slip of the pen finds its word`(typed: String, meant: String) {
    #expect(didYouMean(typed, among: Self.keys) == meant)
  }

  @Test(arguments: ["", "selector", "q", "completely_other", String(repeating: "a", count: 100_000)])
  func `what is like nothing gets no guess`(typed: String) {
    #expect(didYouMean(typed, among: Self.keys) == nil)
  }

  @Test func `a word is never its own correction, and the first of equals wins`() {
    #expect(didYouMean("css", among: ["css"]) == nil)
    #expect(didYouMean("ab", among: ["ac", "ad"]) == "ac")
  }
}

struct SurelyMeantTests {
  @Test func `a sole nearest word is sure, one of two is not`() {
    #expect(surelyMeant("timezon", among: ["timezone", "title"]) == "timezone")
    #expect(surelyMeant("rat", among: ["rate", "rats"]) == nil)
    #expect(surelyMeant("colour", among: ["rate", "rats"]) == nil)
  }

  @Test func `a word that another begins or ends with is meant, and never sure`() {
    #expect(didYouMean("watch", among: ["sites", "watches"]) == "watches")
    #expect(didYouMean("foreach", among: ["each", "entries"]) == "each")
    #expect(surelyMeant("watch", among: ["sites", "watches"]) == nil)
  }
}

struct DiagnosticCodeTests {
  @Test func `codes are words with dashes, each with a sentence`() {
    for code in DiagnosticCode.allCases {
      #expect(code.rawValue.allSatisfy { $0 == "-" || $0.isLowercase })
      #expect(code.summary.hasSuffix(".") && code.summary.first?.isUppercase == true, "\(code)")
    }
  }
}
