import Diagnostics
import Language
import PluginHost

/// Reads `slothunter.yaml` and every site and notifier that it names.
///
/// A bad `slothunter.yaml`, or a bad file of a notifier that a channel uses, gives no configuration: a silent alerter is
/// the worst there is. A bad site spec stops its own watches only.
public struct ConfigurationLoader: Sendable {
  public var catalog: PluginCatalog
  /// For `${NAME}`.
  public var environment: [String: String]
  public var files: SpecFiles
  /// `check --no-secrets`: what `${…}` stands for need not be there.
  public var ignoresSecrets: Bool
  /// Whether warnings also tell what is legal and unwise.
  public var isLinting = false

  /// Versions of sites that are valid and not wanted all the same, each with why: as if their files had errors.
  public var refused: [SpecVersion: Diagnostic] = [:]

  /// One site's file as it was at one time.
  public struct SpecVersion: Sendable, Hashable {
    public var site: String
    public var version: String
    public init(_ spec: SiteSpec) { (site, version) = (spec.id, spec.version) }
  }

  public init(
    catalog: PluginCatalog, environment: [String: String], files: SpecFiles = .disk, ignoresSecrets: Bool = false
  ) {
    self.catalog = catalog
    self.environment = environment
    self.files = files
    self.ignoresSecrets = ignoresSecrets
  }

  public struct Result: Sendable {
    /// nil where nothing may run.
    public var configuration: Configuration?
    /// Where the store is, also of a file that has errors elsewhere: a service may be running by what it said before.
    public var store: String?
    /// Of all files, sorted by file and position.
    public var diagnostics: [Diagnostic]
    /// Ids of sites whose file has errors, with their diagnostics: their watches do not run, or run by the version that
    /// was given as `keeping`.
    public var failedSites: [String: [Diagnostic]]
    /// Every file and folder that was looked at, for whoever waits for edits.
    public var paths: [String]
  }

  /// - Parameters:
  ///   - file: The path as messages show it; `sites`, `notifiers` and `store` are relative to its folder.
  ///   - previous: Specs that are running: one whose file has errors now goes on as it was.
  public func load(_ file: String, keeping previous: [SiteSpec] = []) -> Result {
    var loading = ConfigurationLoading(loader: self, file: file)
    return loading.run(keeping: previous)
  }
}
