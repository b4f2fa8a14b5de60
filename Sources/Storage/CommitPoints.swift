import PluginHost

/// The failpoints around one kind of commit.
struct CommitPoints {
  var before: Failpoint
  /// Everything is written, nothing is committed.
  var within: Failpoint
  var after: Failpoint

  static let run = CommitPoints(before: .beforeRunCommit, within: .inRunCommit, after: .afterRunCommit)
  static let lease = CommitPoints(before: .beforeLeaseCommit, within: .inLeaseCommit, after: .afterLeaseCommit)
  static let begin = CommitPoints(before: .beforeBeginCommit, within: .inBeginCommit, after: .afterBeginCommit)
  static let mark = CommitPoints(before: .beforeMarkCommit, within: .inMarkCommit, after: .afterMarkCommit)
  static let release = CommitPoints(
    before: .beforeReleaseCommit, within: .inReleaseCommit, after: .afterReleaseCommit)
  static let prune = CommitPoints(before: .beforePruneCommit, within: .inPruneCommit, after: .afterPruneCommit)
  static let definition = CommitPoints(
    before: .beforeDefinitionCommit, within: .inDefinitionCommit, after: .afterDefinitionCommit)
  static let recovery = CommitPoints(
    before: .beforeRecoveryCommit, within: .inRecoveryCommit, after: .afterRecoveryCommit)
  static let migration = CommitPoints(
    before: .beforeMigrationCommit, within: .inMigrationCommit, after: .afterMigrationCommit)
}

extension Connection {
  /// As ``transaction(durable:_:)``, with failpoints around it.
  @discardableResult
  func transaction<T>(durable: Bool, at points: CommitPoints, _ body: () throws -> T) throws -> T {
    Failpoint.reach(points.before)
    let result = try transaction(durable: durable) {
      let result = try body()
      Failpoint.reach(points.within)
      return result
    }
    Failpoint.reach(points.after)
    return result
  }
}
