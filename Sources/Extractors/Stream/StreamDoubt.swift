/// Why a page was not read without a tree: a construct whose reading by libxml2 is not imitated here.
///
/// A doubt is no fault of the page. libxml2 reads it then, as it would have without the matcher.
public enum StreamDoubt: String, Error, Sendable, Hashable, CaseIterable {
  /// Another libxml2 than the one whose rules were verified is loaded.
  case library
  /// Control characters and non-characters: dropped in text, kept in values.
  case characters
  /// The page ends inside of a tag, comment or script.
  case cut
  /// `<!`, `</` or `<?` that begin nothing known, and names with `:`, `_` or `.`.
  case markup
  /// Attributes that libxml2 skips in ways of its own, such as `@click="…"`.
  case attributes
  /// A second or misplaced `html`, `head`, `body` or DOCTYPE.
  case structure
  /// Text where only elements stand, for which libxml2 makes up a paragraph.
  case looseText = "loose_text"
  /// Markup within a title or a text area, or around the end of a script.
  case rawText = "raw_text"
  /// Content behind `</html>`.
  case trailing
  /// So deep or large that libxml2's limits may matter.
  case size
  /// No element at all.
  case empty
}
