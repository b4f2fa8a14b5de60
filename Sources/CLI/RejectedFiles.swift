import Diagnostics
import Engine
import Language
import PluginHost

/// Files whose newest version is not what runs, and who has been told.
///
/// Each version is told once: an incident per file and version, in the store, so that a restart tells nothing again.
struct RejectedFiles {
  struct Rejection: Hashable {
    var file: String
    /// Of what the file held.
    var version: String
    var problems: [Diagnostic]
    /// Whether nothing of what was read is taken up because of it: a notifier's file, or the configuration's, whatever its
    /// name. Then what ran before goes on; a site stands for itself.
    var holdsAllBack = false

    var key: String { RejectedFiles.prefix + file + "|" + version.prefix(12) }
  }

  static let prefix = "rejected|"
  /// As many mistakes of a file are told; `check` prints all.
  fileprivate static let told = 3

  private(set) var open: [Rejection] = []

  /// Every file with an error, of what was read.
  static func found(in workspace: Workspace) -> [Rejection] {
    var errors = Dictionary(grouping: workspace.diagnostics.filter { $0.severity == .error }, by: \.location.file)
    // That a channel's notifier has errors is said of the configuration, too: one mistake is told once.
    let others = errors.filter { !$0.value.allSatisfy { $0.code == .brokenNotifier } }
    if !others.isEmpty { errors = others }
    let sites = Set(workspace.failedSites.values.joined().map(\.location.file))
    return errors.sorted { $0.key < $1.key }.map { file, problems in
      Rejection(
        file: file, version: workspace.contents[file] ?? "missing", problems: problems,
        holdsAllBack: workspace.configuration == nil && !sites.contains(file))
    }
  }

  /// - Returns: Those that are news.
  mutating func take(_ found: [Rejection]) -> [Rejection] {
    let known = Set(open.map(\.key))
    open = found
    return found.filter { !known.contains($0.key) }
  }

  /// Tells what is rejected now and was not, and what is no longer.
  ///
  /// - Parameters:
  ///   - runs: What goes on in place of the file; nil where nothing does.
  func tell(_ service: Service, runs: (Rejection) -> String?) async throws {
    let standing = try await service.openTroubles().filter { $0.hasPrefix(RejectedFiles.prefix) }
    let wanted = Dictionary(open.map { ($0.key, $0) }) { first, _ in first }
    let files = Set(open.map(\.file))
    for key in standing where wanted[key] == nil {
      let file = RejectedFiles.file(of: key)
      if files.contains(file) {
        // Broken otherwise: told below, and no word that it is mended.
        try await service.supersede(key)
      } else {
        try await service.clear(key, saying: RejectedFiles.ending(file))
      }
    }
    for rejection in open where !standing.contains(rejection.key) {
      let before = rejection.holdsAllBack ? RejectedFiles.configurationBefore : nil
      try await service.raise(rejection.trouble(runs: before ?? runs(rejection).map(RejectedFiles.words)))
    }
  }

  private static let configurationBefore = Trouble.Words(
    english: "the configuration before it", persian: "پیکربندی پیش از آن")

  /// A site's version.
  private static func words(_ runs: String) -> Trouble.Words {
    Trouble.Words(english: runs, persian: runs.replacing("the version", with: "نسخهٔ"))
  }

  private static func file(of key: String) -> String {
    let rest = key.dropFirst(prefix.count)
    return String(rest[..<(rest.lastIndex(of: "|") ?? rest.endIndex)])
  }

  fileprivate static func ending(_ file: String) -> Trouble.Words {
    Trouble.Words(
      english: "\(file): taken up, what is written there runs", persian: "فایل \(file) پذیرفته شد و اجرا می‌شود")
  }
}

extension RejectedFiles.Rejection {
  /// `file:line:column: message`, with the way out where there is one.
  var lines: [String] {
    problems.prefix(RejectedFiles.told).map { problem in
      "\(problem.location): \(problem.message)" + (problem.help.map { " (\($0))" } ?? "")
    } + (problems.count > RejectedFiles.told ? ["… and \(problems.count - RejectedFiles.told) more"] : [])
  }

  fileprivate func trouble(runs: Trouble.Words?) -> Trouble {
    let goesOn = runs.map { ("\($0.english) goes on", "\($0.persian) همچنان اجرا می‌شود") }
    let stopped = ("what it is for does not run", "آنچه به آن نیاز دارد اجرا نمی‌شود")
    let (english, persian) = goesOn ?? stopped
    var trouble = Trouble(
      key: key,
      title: Trouble.Words(
        english: "\(file) is not taken up: \(english)", persian: "فایل \(file) پذیرفته نشد: \(persian)"),
      lines: lines.map { Trouble.Words($0) } + [Trouble.Words("slothunter check \(file)")],
      ending: RejectedFiles.ending(file))
    trouble.detail = (["\(english)"] + lines).joined(separator: "\n")
    return trouble
  }
}
