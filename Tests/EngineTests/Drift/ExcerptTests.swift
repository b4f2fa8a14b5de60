import Testing

@testable import Engine

/// What a message may show of a page.
struct ExcerptTests {
  @Test func `a page's shape and words are shown, its comments, scripts, values and tickets are not`() {
    let page = """
      <!DOCTYPE html><html><head><title>x</title></head><body class="home"><!-- s3cret-token-77 -->
      <script>var a = "zz99zz99zz99"</script><input type="hidden" name="csrf" value="q1w2e3r4t5">
      <main id="list" data-key="abc123def456"><h1 style="x">دکتر نمونه</h1> ticket A1B2C3D4E5F6G7 09123456789 a@b.example
      </main></body></html>
      """
    let text = Excerpt.of(page: Array(page.utf8))
    for word in ["<body class=\"home\">", "<input type=\"hidden\" name=\"csrf\">", "<main id=\"list\">", "دکتر نمونه"] {
      #expect(text.contains(word), "\(word) in \(text)")
    }
    for word in ["s3cret", "zz99", "q1w2", "abc123", "A1B2", "0912", "a@b"] { #expect(!text.contains(word), "\(text)") }
    #expect(text.count <= Excerpt.length)
  }

  @Test func `JSON is shown as it is, but for what is nobody's word`() {
    #expect(
      Excerpt.of("{\"id\": 41,\n \"name\": \"نمونه\", \"at\": 1791262800, \"t\": \"eyJhbGciOiJIUzI1NiJ9\"}")
        == "{\"id\": 41, \"name\": \"نمونه\", \"at\": 1791262800, \"t\": \"•••\"}")
  }

  @Test func `a page of nothing but digits is gone through once`() {
    let text = Excerpt.of(String(repeating: "1 ", count: 200_000) + String(repeating: "0", count: 200_000))
    #expect(text.count <= Excerpt.length)
  }

  @Test(arguments: ["", "<", "<!--", "<a", "</", "<script>", "a <b", "<a b=\"", "\u{0}"])
  func `any text has an excerpt`(text: String) {
    #expect(Excerpt.of(text).count <= Excerpt.length)
    #expect(!Excerpt.of(page: Array(text.utf8)).contains("\n"))
  }

  @Test(arguments: [
    "۰۹۱۲۳۴۵۶۷۸۹", "٠٩١٢٣٤٥٦٧٨٩", "0912-345-6789", "0912 345 67 89", "+98 912 345 6789", "۰۲۱ - ۸۸۷۷۶۶۵۵",
    "0912–345–6789",
    "(021) 88776655", "0912/345/6789", "\\n09123456789", "۰۰۷۶۲۲۹۶۴۵", "9123456789",
    "09123456789 09351112233", "tel۰۹۱۲۳۴۵۶۷۸۹x",
  ]) func `no message shows a telephone number, however it is written`(number: String) {
    let text = Excerpt.of("<b>تلفن: \(number)</b> 1405/07/14 09:00")
    #expect(text.count(where: \.isNumber) == 12 && text.contains("1405/07/14 09:00"), "\(text)")
  }
}
