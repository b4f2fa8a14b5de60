import Testing

@testable import Engine

struct WatchIDTests {
  /// The store knows watches by them: the same values give the same id in every version.
  @Test(arguments: [
    ([], "s"), (["a"], "s/a"), (["دکتر-نمونه", "b c"], "s/دکتر-نمونه/b c"), ([""], "s/"), (["a/b", "c"], "s/a%2Fb/c"),
    (["a", "b/c"], "s/a/b%2Fc"), (["100%"], "s/100%25"), (["%2F"], "s/%252F"), (["/%é"], "s/%2F%25é"),
    // With a mark it is another letter.
    (["%\u{301}x"], "s/%\u{301}x"),
  ])
  func `ids hold the values, so that different watches never share one`(values: [String], id: String) {
    #expect(Watch.id(site: "s", values: values) == id)
  }
}
