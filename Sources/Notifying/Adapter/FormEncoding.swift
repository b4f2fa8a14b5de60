import Language

/// A name or value of `application/x-www-form-urlencoded`, as the URL standard serialises it.
func formEncoded(_ text: String) -> String {
  percentEncoded(text, keeping: " *").replacing(" ", with: "+").replacing("~", with: "%7E")
}
