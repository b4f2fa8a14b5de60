/// Why a message can't become a request, found before anything was sent.
struct Unsendable: Error {
  /// True where the channel's options are at fault, not the message.
  var isConfiguration: Bool
  /// Names what is wrong, never its value.
  var message: String
}
