import Fetchers
import Language
import PluginHost
import Testing

struct URLTests {
  @Test(arguments: [
    ("https://www.Site.example", "https://www.site.example/", "https://www.site.example"),
    ("http://a.example:80/x", "http://a.example/x", "http://a.example"),
    ("https://a.example:443/", "https://a.example/", "https://a.example"),
    ("https://a.example:8443/p?q=1#f", "https://a.example:8443/p?q=1", "https://a.example:8443"),
    ("https://a.example/x/../y/./z", "https://a.example/y/z", "https://a.example"),
    ("https://a.example?q", "https://a.example/?q", "https://a.example"),
    ("https://a.example/?", "https://a.example/?", "https://a.example"),
    ("http://0x7f.1/", "http://127.0.0.1/", "http://127.0.0.1"),
    ("http://[2001:DB8::1]:81/", "http://[2001:db8::1]:81/", "http://[2001:db8::1]:81"),
    ("https://پذیرش.example/", "https://xn--vgbcj70aon.example/", "https://xn--vgbcj70aon.example"),
    ("https://a.example/د", "https://a.example/%D8%AF", "https://a.example"),
  ])
  func `URLs are brought into one form`(_ text: String, _ whole: String, _ start: String) throws {
    let url = try ParsedURL(text)
    #expect(url.text == whole)
    #expect(origin(of: text) == start)
    #expect(try ParsedURL(url.text) == url)
  }

  @Test(arguments: [
    ("/b", "https://a.example/b"), ("b", "https://a.example/dir/b"), ("../b?x=1", "https://a.example/b?x=1"),
    ("?page=2", "https://a.example/dir/page?page=2"), ("", "https://a.example/dir/page?q=1"),
    ("#top", "https://a.example/dir/page?q=1"), ("//b.example/x", "https://b.example/x"),
    ("http://b.example/x#y", "http://b.example/x"), ("  /trim\t\r\n", "https://a.example/trim"),
    ("/a b", "https://a.example/a%20b"), ("/دکتر?ن=1", "https://a.example/%D8%AF%DA%A9%D8%AA%D8%B1?%D9%86=1"),
    ("HTTPS://B.example/", "https://b.example/"), ("/x?u=http://c.example/", "https://a.example/x?u=http://c.example/"),
  ])
  func `references are resolved`(_ reference: String, _ whole: String) {
    #expect(resolve(reference, against: "https://a.example/dir/page?q=1") == whole)
  }

  @Test(arguments: [
    "mailto:a@b.example", "javascript:alert(1)", "file:///etc/passwd", "ftp://x/", "http://", "https://u@b.example/",
    "/a\\b", "/a\u{1}b", "http://b.example:99999/", "//b..example/", "data:text/html,x",
  ])
  func `what can't be fetched resolves to nothing`(_ reference: String) {
    #expect(resolve(reference, against: "https://a.example/") == nil)
  }

  @Test func `a URL over 8 KiB is refused, one of 8 KiB is not`() {
    let start = "https://a.example/"
    let full = start + String(repeating: "a", count: ParsedURL.maxLength - start.utf8.count)
    #expect(throws: Never.self) { _ = try ParsedURL(full) }
    #expect(throws: FetchFailure.self) { _ = try ParsedURL(full + "a") }
    #expect(resolve("/" + String(repeating: "a", count: ParsedURL.maxLength), against: start) == nil)
  }
}

struct OriginMapTests {
  @Test(arguments: [
    ("https://a.example", "has no '='", 17), ("=http://127.0.0.1:1", "is not an origin", 0),
    ("https://a.example=127.0.0.1:8001", "is not an origin", 18), ("https://a.example=", "is not an origin", 18),
    ("https://a.example/x=http://127.0.0.1:1", "has a path", 0),
    ("https://a.example=http://127.0.0.1:1/x", "has a path", 18),
    ("ftp://a.example=http://127.0.0.1:1", "only http and https", 0),
    ("https://a.example=http://127.0.0.1:0", "port 0", 18),
  ])
  func `a bad mapping says what and where`(_ text: String, _ message: String, _ offset: Int) {
    let error = #expect(throws: SyntaxError.self) { _ = try OriginMap(parsing: [text]) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.offset == offset)
    #expect(error?.help != nil)
  }

  @Test func `an origin mapped twice is an error, also with its default port`() {
    #expect(throws: SyntaxError.self) {
      _ = try OriginMap(parsing: ["https://a.example=http://127.0.0.1:1", "HTTPS://A.example:443/=http://127.0.0.1:2"])
    }
  }
}

struct HTTPDateTests {
  private let now = Instant(seconds: 784_111_777)

  @Test(arguments: [
    ("120", 120), (" 120 ", 120), ("0", 0), ("99999999999999999999", 366 * 86_400),
    ("Sun, 06 Nov 1994 08:50:37 GMT", 60), ("Sunday, 06-Nov-94 08:49:47 GMT", 10), ("Sun Nov  6 08:49:38 1994", 1),
    ("Fri, 31 Dec 1993 23:59:59 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86_400),
  ])
  func `Retry-After is seconds or a date`(_ header: String, _ seconds: Int) {
    #expect(retryAfter(header, now: now) == .seconds(seconds))
  }

  @Test(arguments: ["-5", "1.5", "soon", "120, 240", "", " ", "+5", "1e3", "۱۲", "\0"])
  func `what is neither counts as no header`(_ header: String) {
    #expect(retryAfter(header, now: now) == nil)
  }
}
