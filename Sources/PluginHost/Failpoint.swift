import Glibc
import Synchronization

/// Named places at which a test may end the process, to prove that nothing is lost there.
///
/// Off unless `SLOTHUNTER_FAILPOINT=NAME:N[:ACTION]` is set when the process starts; then the N-th time that place is
/// reached, the action is taken. Unset, reaching a place costs one comparison. For tests only: `make failpoints` goes
/// through all of them, and fails where one is never reached.
public enum Failpoint: String, Sendable, CaseIterable {
  case afterFetch = "after-fetch"
  case afterDiff = "after-diff"

  case beforeRunCommit = "before-run-commit"
  case inRunCommit = "in-run-commit"
  case afterRunCommit = "after-run-commit"
  case beforeLeaseCommit = "before-lease-commit"
  case inLeaseCommit = "in-lease-commit"
  case afterLeaseCommit = "after-lease-commit"
  /// A send that must not be repeated lightly is noted before it begins.
  case beforeBeginCommit = "before-begin-commit"
  case inBeginCommit = "in-begin-commit"
  case afterBeginCommit = "after-begin-commit"
  case beforeSend = "before-send"
  case afterSend = "after-send"
  case beforeMarkCommit = "before-mark-commit"
  case inMarkCommit = "in-mark-commit"
  case afterMarkCommit = "after-mark-commit"
  case beforeReleaseCommit = "before-release-commit"
  case inReleaseCommit = "in-release-commit"
  case afterReleaseCommit = "after-release-commit"
  case beforePruneCommit = "before-prune-commit"
  case inPruneCommit = "in-prune-commit"
  case afterPruneCommit = "after-prune-commit"
  /// Watches, spec versions and channels, as a start or a reload stores them.
  case beforeDefinitionCommit = "before-definition-commit"
  case inDefinitionCommit = "in-definition-commit"
  case afterDefinitionCommit = "after-definition-commit"
  /// What a dead process had leased is taken back when a store is opened.
  case beforeRecoveryCommit = "before-recovery-commit"
  case inRecoveryCommit = "in-recovery-commit"
  case afterRecoveryCommit = "after-recovery-commit"
  /// Each step of the schema; making a store is the first.
  case beforeMigrationCommit = "before-migration-commit"
  case inMigrationCommit = "in-migration-commit"
  case afterMigrationCommit = "after-migration-commit"

  case beforeCheckpoint = "before-checkpoint"
  /// Half of a page is written to the database file.
  case inCheckpoint = "in-checkpoint"
  case afterCheckpoint = "after-checkpoint"

  case beforeReload = "before-reload"
  /// The files are read and valid, nothing is taken up yet.
  case afterReading = "after-reading"
  /// Channels are new, watches are old.
  case inReload = "in-reload"
  case afterReload = "after-reload"

  /// Each time the scheduler's loop goes round.
  case inSchedule = "in-schedule"

  public static let variable = "SLOTHUNTER_FAILPOINT"

  public enum Action: String, Sendable, CaseIterable {
    /// SIGKILL to this process.
    case kill
    /// A line on standard error.
    case say
    /// This place is never left, and nothing that waits for it goes on; the process lives.
    case stall
  }

  /// `NAME:N[:ACTION]` as it was understood.
  public struct Arming: Sendable, Hashable {
    public var point: Failpoint
    /// Counted from 1.
    public var nth: Int
    public var action: Action

    public init?(parsing text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard (2...3).contains(parts.count), let point = Failpoint(rawValue: parts[0]), let nth = Int(parts[1]), nth >= 1,
        let action = Action(rawValue: parts.count == 3 ? parts[2] : Action.kill.rawValue)
      else { return nil }
      (self.point, self.nth, self.action) = (point, nth, action)
    }
  }

  private static let value: String? = getenv(variable).map { String(cString: $0) }
  /// What is armed in this process; nil nearly always.
  public static let armed: Arming? = value.flatMap(Arming.init(parsing:))
  /// Why the variable can't be followed; nil where it can, or is not set.
  public static let problem: String? =
    value == nil || armed != nil
    ? nil
    : "\(variable) is not NAME:N[:ACTION]; names: \(allCases.map(\.rawValue).joined(separator: ", ")); "
      + "actions: \(Action.allCases.map(\.rawValue).joined(separator: ", "))"

  private static let reached = Atomic<Int>(0)

  /// The process is at this place.
  public static func reach(_ point: Failpoint) {
    guard let armed, armed.point == point else { return }
    let count = reached.wrappingAdd(1, ordering: .relaxed).newValue
    guard count == armed.nth else { return }
    switch armed.action {
    case .kill:
      kill(getpid(), SIGKILL)
      // The signal may take a moment, in which nothing more may happen.
      while true { pause() }
    case .say:
      let line = Array("failpoint \(point.rawValue) reached\n".utf8)
      _ = write(2, line, line.count)
    case .stall: while true { pause() }
    }
  }
}
