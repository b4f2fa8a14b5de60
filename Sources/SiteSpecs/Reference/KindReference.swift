extension SpecKind {
  /// The tables of such a file; the first is the file itself.
  public var tables: [TableReference] {
    switch self {
    case .site: SpecReference.site
    case .notifier: SpecReference.notifier
    case .configuration: SpecReference.configuration
    }
  }

  public var title: String {
    switch self {
    case .site: "SlotHunter site"
    case .notifier: "SlotHunter notifier"
    case .configuration: "SlotHunter configuration"
    }
  }

  public var summary: String {
    switch self {
    case .site: "How to read a site: one file in sites/."
    case .notifier: "How to speak to a channel: one file in notifiers/."
    case .configuration: "What runs here: slothunter.yaml."
    }
  }

  /// In docs/reference/.
  public var schemaFile: String { "\(rawValue).schema.json" }
}
