/// Addresses of people, as screens, logs and maintainers' messages may show them.
public enum Mask {
  public static let mark = "•••"

  /// `•••4567`: enough to tell two apart. Two fifths of it at most, so that none is shown whole or nearly.
  public static func address(_ address: String) -> String {
    guard !address.isEmpty else { return "" }
    return mark + address.suffix(min(4, address.count * 2 / 5))
  }

  /// A subscription's key, `channel|address` or `maintainer|channel|address`, with its address masked.
  public static func subscription(_ key: String) -> String {
    let parts = key.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    let channel = parts.first == "maintainer" ? 2 : 1
    guard parts.count > channel else { return key }
    return (parts.prefix(channel) + [self.address(parts.dropFirst(channel).joined(separator: "|"))])
      .joined(separator: "|")
  }
}
