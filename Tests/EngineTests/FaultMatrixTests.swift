import Engine
import Language
import PluginHost
import Storage
import TestSupport
import Testing

@testable import Notifying

/// RELIABILITY.md T11: every fault, for every client. That nothing hangs is shown by these tests ending; how long each
/// takes is measured by `make bench-faults`.
@Suite(.timeLimit(.minutes(10)))
struct FaultMatrixTests {
  private static let plain = FaultRow.all.filter { !$0.needsTLS }
  private static let overTLS = FaultRow.all.filter(\.needsTLS)

  @Test func `the table has every fault that the plan asks for, and TLS among them`() {
    #expect(Self.plain.count >= 12 && Self.overTLS.count >= 6)
    #expect(Set(FaultRow.all.map(\.name)).count == FaultRow.all.count)
  }

  @Test(arguments: plain, FaultClient.allCases)
  func `a broken network has its label and its doubt`(_ row: FaultRow, _ client: FaultClient) async throws {
    try await check(row, client)
  }

  @Test(
    .enabled(if: TestCertificates.canBeMade, "\(TestCertificates.notHere)"), arguments: overTLS, FaultClient.allCases)
  func `broken TLS has its label and its doubt`(_ row: FaultRow, _ client: FaultClient) async throws {
    try await check(row, client)
  }

  private func check(_ row: FaultRow, _ client: FaultClient) async throws {
    let scene = try await FaultScene(row)
    let outcome = try await scene.exchange(client)
    let requests = scene.server.requests.count
    #expect(requests == (row.heard == .always ? 1 : 0))
    guard let reason = outcome.reason.flatMap(FetchFailure.Reason.init) else {
      #expect(row.reasons.isEmpty && outcome.reason == nil, "\(outcome)")
      return
    }
    #expect(row.reasons.contains(reason), "\(outcome)")
    #expect(outcome.isDoubtful == FaultClient.mayHaveArrived(reason), "\(outcome)")
    // The promise that counts: what may have been acted upon is never taken for what was not.
    #expect(outcome.isDoubtful || requests == 0, "\(outcome)")
    for secret in ["SAMPLE", "127.0.0.1:", "09000000001"] { #expect(!outcome.detail.contains(secret), "\(outcome)") }
  }

  /// The same labels mean the same to logs, metrics and the store.
  @Test func `every label of a fault is one of the fixed words of fetching and of notifying`() {
    for reason in Set(FaultRow.all.flatMap(\.reasons)) {
      #expect(NotifyReason(reason).rawValue == reason.rawValue)
      #expect(reason.mayHaveArrived == FaultClient.mayHaveArrived(reason))
    }
  }

  @Test(arguments: [FaultClient.webhook, .telegram, .sms], FaultRow.all.flatMap(\.reasons))
  func `what is tried again, and how often, is as the table says`(
    _ client: FaultClient, _ reason: FetchFailure.Reason
  ) throws {
    let spec = try Shipped.spec(client.notifier ?? "")
    let policy = RetryPolicy(whenUnsure: spec.whenUnsure, random: .seeded(1))
    let now = Instant(seconds: 1_791_232_200)
    let isDoubtful = FaultClient.mayHaveArrived(reason)
    let result = SendResult(outcome: .retry(after: nil), reason: NotifyReason(reason), doubtful: isDoubtful)
    for attempt in 1...20 {
      let delivery = LeasedDelivery(
        id: "d_1", channel: "c", recipient: "r", message: .test(language: "fa", at: now), attempt: attempt,
        plain: false, sequence: 1, createdAt: now, expiresAt: now + .seconds(900), unsure: false)
      let decision = policy.decide(
        result, delivery, doubts: isDoubtful ? attempt : 0, startedAt: now, endedAt: now + .seconds(1))
      switch client.next(after: reason) {
      case .again, .nextRun: #expect(decision.wait != nil, "attempt \(attempt)")
      case .onceMore: #expect((decision.wait != nil) == (attempt < 2), "attempt \(attempt)")
      }
    }
  }
}
