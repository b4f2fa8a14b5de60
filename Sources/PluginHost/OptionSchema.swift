import Language

/// One thing an operator sets on a channel: checked and documented from here.
public struct Option: Sendable, Hashable {
  public var name: String
  public var secret: Bool
  public var required: Bool
  public var defaultValue: Value?
  public var help: String?

  public init(
    name: String, secret: Bool = false, required: Bool = false, defaultValue: Value? = nil, help: String? = nil
  ) {
    self.name = name
    self.secret = secret
    self.required = required
    self.defaultValue = defaultValue
    self.help = help
  }
}

/// The options a notifier takes, in file order.
public struct OptionSchema: Sendable, Hashable {
  public var options: [Option]
  public init(_ options: [Option] = []) { self.options = options }
  public subscript(name: String) -> Option? { options.first { $0.name == name } }
}
