import Language

/// A word as a shell takes it, for commands in messages that are to be copied.
public enum ShellWord {
  public static func quoted(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_./=:@%+,".unicodeScalars.contains(scalar)
    }
    return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

/// What cases that nobody named are called.
public enum SampleNames {
  /// `broken-2026-11-21`: the day in the site's zone.
  public static func broken(at now: Instant, in zone: TimeZoneRules) -> String {
    "broken-" + zone.civil(of: now).date.text
  }

  public static func good(at now: Instant, in zone: TimeZoneRules) -> String {
    "good-" + zone.civil(of: now).date.text
  }
}
