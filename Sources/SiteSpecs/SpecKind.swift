/// Which of the three kinds of files a file is.
public enum SpecKind: String, Sendable, Hashable, CaseIterable {
  case site, notifier
  case configuration = "slothunter"
}
