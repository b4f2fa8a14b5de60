/// Mistakes that the product could make, planted one at a time: each must be caught, by the invariant it breaks.
///
/// They sit at the seams only: what the store keeps (triggers), what goes over the wire, the clock, chance and the
/// configuration that the product is given.
enum Mutation: String, CaseIterable, Sendable {
  case skipMark = "skip-mark"
  case markBeforeSend = "mark-before-send"
  case dropRow = "drop-row"
  case dropLine = "drop-line"
  case forgetDeliveries = "forget-transaction-deliveries"
  case forgetSnapshot = "forget-transaction-snapshot"
  case swapOrder = "swap-order"
  case oneSequence = "one-sequence-number"
  case holdBack = "hold-back"
  case retellHeld = "retell-held-items"
  case failedEmpties = "failed-fetch-empties-snapshot"
  case failedIsEmpty = "failed-fetch-reads-as-empty"
  case ignoreRetryAfter = "ignore-retry-after"
  case ignoreOriginRetryAfter = "ignore-retry-after-of-site"
  case ignoreQuiet = "ignore-quiet-hours"
  case ignoreAtMost = "ignore-at-most"
  case ignoreWhen = "ignore-when"
  case keepSubscribing = "reload-removes-nobody"
  case loseLease = "lose-the-lease"
  case keepLease = "lease-outlives-the-process"
  case newIDs = "new-id-per-attempt"
  case sendTwice = "send-twice"
  case equalIDs = "equal-ids"
  case expireEarly = "expire-early"
  case neverExpire = "never-expire"
  case tellGone = "tell-of-gone-items"
  case greetAgain = "greet-again"
  case wrongRecipient = "wrong-recipient"
  case maintainersAgain = "tell-maintainers-again"
  case lateTimers = "late-timers"
  case wallClockWaits = "wall-clock-for-waits"
  case secondProcess = "second-process"
  case ignoreDigest = "ignore-digest"
  case ignoreUrgent = "ignore-urgent"
  case ignoreSnooze = "ignore-snooze"
  case ignoreStop = "ignore-stop"
  case ignoreHolds = "ignore-holds"
  case ignoreBudget = "ignore-budget"
  case ignoreRates = "ignore-rates"
  case believeDrops = "believe-drops"
  case alwaysResend = "always-resend"

  /// What it breaks: caught by anything else it would be caught by accident.
  var breaks: Set<Violation.Invariant> {
    switch self {
    case .skipMark, .loseLease, .sendTwice, .markBeforeSend: [.told, .counted]
    case .dropRow, .dropLine, .forgetDeliveries: [.committed, .ends]
    case .equalIDs, .greetAgain: [.committed]
    case .swapOrder, .oneSequence: [.order]
    case .newIDs: [.order, .told]
    // What is not known any more is told anew, or for ever.
    case .forgetSnapshot: [.truth, .committed, .told]
    case .holdBack, .keepLease, .expireEarly, .neverExpire, .ignoreUrgent, .alwaysResend: [.told]
    case .retellHeld, .failedEmpties, .failedIsEmpty, .tellGone, .believeDrops: [.truth]
    case .ignoreRates: [.schedule]
    case .ignoreDigest, .ignoreSnooze, .ignoreStop, .ignoreHolds, .ignoreBudget: [.asked]
    case .ignoreRetryAfter, .ignoreOriginRetryAfter, .lateTimers, .secondProcess: [.schedule]
    // Nor can a clock that was set be told from time that passed: runs are stored under the wrong one.
    case .wallClockWaits: [.schedule, .committed]
    case .ignoreQuiet, .ignoreAtMost, .keepSubscribing, .wrongRecipient, .maintainersAgain: [.asked]
    case .ignoreWhen: [.truth, .asked]
    }
  }

  /// Triggers that make the store forget or twist what it was told.
  var triggers: String? {
    switch self {
    case .skipMark:
      // Delivered, and due again at once.
      """
      CREATE TEMP TRIGGER mutant AFTER UPDATE OF state ON deliveries WHEN NEW.state = 'delivered' AND NEW.number % 5 = 0
      BEGIN UPDATE deliveries SET state = 'pending', place = 0, ended_at = NULL WHERE number = NEW.number; END
      """
    case .markBeforeSend:
      """
      CREATE TEMP TRIGGER mutant AFTER UPDATE OF state ON deliveries WHEN NEW.state = 'leased'
      BEGIN UPDATE deliveries SET state = 'delivered', place = NULL, lease_until_at = NULL, ended_at = NEW.leased_at
        WHERE number = NEW.number; END
      """
    case .dropRow:
      // At the end of the same transaction.
      """
      CREATE TEMP TRIGGER mutant AFTER UPDATE ON watch_states
      BEGIN DELETE FROM deliveries WHERE number % 5 = 0 AND attempt = 0 AND run = NEW.last_run; END
      """
    case .dropLine:
      """
      CREATE TEMP TRIGGER mutant AFTER UPDATE ON watch_states
      BEGIN DELETE FROM delivery_lines WHERE line = 1
        AND delivery IN (SELECT number FROM deliveries WHERE run = NEW.last_run); END
      """
    case .swapOrder:
      """
      CREATE TEMP TRIGGER mutant AFTER INSERT ON deliveries WHEN NEW.number % 2 = 0 AND NEW.kind = 'alert'
      BEGIN UPDATE deliveries SET sequence = sequence - 1 WHERE number = NEW.number;
        UPDATE deliveries SET sequence = sequence + 1 WHERE channel = NEW.channel AND recipient = NEW.recipient
          AND watch = NEW.watch AND sequence = NEW.sequence - 1 AND number <> NEW.number; END
      """
    case .oneSequence:
      """
      CREATE TEMP TRIGGER mutant AFTER INSERT ON deliveries
      BEGIN UPDATE deliveries SET sequence = 1 WHERE number = NEW.number; END
      """
    case .holdBack:
      """
      CREATE TEMP TRIGGER mutant AFTER INSERT ON deliveries WHEN NEW.number % 4 = 0 AND NEW.kind = 'alert'
      BEGIN UPDATE deliveries SET place = 0, due_at = due_at + 7200000 WHERE number = NEW.number AND place <> 2; 
        UPDATE deliveries SET place = 0, due_at = due_at + 7200000 WHERE number = NEW.number; END
      """
    case .retellHeld:
      """
      CREATE TEMP TRIGGER mutant AFTER UPDATE ON watch_states WHEN NEW.last_run % 7 = 0
      BEGIN UPDATE items SET state = 'gone' WHERE watch = NEW.watch AND key LIKE '%3'; END
      """
    case .failedEmpties:
      """
      CREATE TEMP TRIGGER mutant AFTER INSERT ON branches
        WHEN NEW.verdict NOT IN ('unchanged', 'empty', 'items')
      BEGIN UPDATE items SET state = 'gone' WHERE watch = NEW.watch; END
      """
    case .loseLease:
      // A lease that holds nothing, and an attempt number that fences nothing.
      """
      CREATE TEMP TRIGGER mutant AFTER UPDATE OF state ON deliveries WHEN NEW.state = 'delivered' AND NEW.attempt > 1
      BEGIN UPDATE deliveries SET state = 'pending', place = 0, ended_at = NULL, attempt = 0
        WHERE number = NEW.number; END
      """
    case .newIDs:
      """
      CREATE TEMP TRIGGER mutant AFTER UPDATE OF attempt ON deliveries WHEN NEW.attempt > OLD.attempt AND NEW.attempt > 1
      BEGIN UPDATE deliveries SET id = id || 'x' WHERE number = NEW.number; END
      """
    case .expireEarly:
      """
      CREATE TEMP TRIGGER mutant AFTER INSERT ON deliveries
      BEGIN UPDATE deliveries SET expires_at = created_at + 5000 WHERE number = NEW.number; END
      """
    case .neverExpire:
      """
      CREATE TEMP TRIGGER mutant AFTER INSERT ON deliveries
      BEGIN UPDATE deliveries SET expires_at = NULL, useful_for_ms = NULL WHERE number = NEW.number; END;
      CREATE TEMP TRIGGER mutant2 AFTER INSERT ON delivery_lines
      BEGIN UPDATE delivery_lines SET ends_at = NULL WHERE delivery = NEW.delivery AND line = NEW.line; END
      """
    case .tellGone:
      """
      CREATE TEMP TRIGGER mutant BEFORE UPDATE OF state ON delivery_lines WHEN NEW.state = 'withdrawn' AND NEW.late = 0
      BEGIN SELECT RAISE(IGNORE); END
      """
    case .greetAgain:
      """
      CREATE TEMP TRIGGER mutant AFTER UPDATE ON watch_states WHEN NEW.last_run % 5 = 0
      BEGIN DELETE FROM subscriptions_greeted WHERE watch = NEW.watch; END
      """
    case .ignoreHolds:
      """
      CREATE TEMP TRIGGER mutant AFTER INSERT ON subscription_holds
      BEGIN DELETE FROM subscription_holds WHERE recipient = NEW.recipient AND watch = NEW.watch; END
      """
    case .believeDrops:
      """
      CREATE TEMP TRIGGER mutant AFTER INSERT ON items WHEN NEW.state = 'leaving' AND NEW.watch NOT LIKE 'calm%'
      BEGIN UPDATE items SET state = 'gone' WHERE watch = NEW.watch AND key = NEW.key; END
      """
    case .wrongRecipient:
      """
      CREATE TEMP TRIGGER mutant AFTER INSERT ON deliveries WHEN NEW.recipient LIKE 'u%' AND NEW.number % 3 = 0
      BEGIN UPDATE deliveries SET recipient = 'u' || (1 + (substr(NEW.recipient, 2) + 0) % 4), place = 0
        WHERE number = NEW.number; END
      """
    case .maintainersAgain:
      """
      CREATE TEMP TRIGGER mutant AFTER UPDATE ON watch_states
      BEGIN DELETE FROM incident_members WHERE watch = NEW.watch; DELETE FROM incidents; END
      """
    default: nil
    }
  }

  /// What a start does to what it finds.
  var onStart: String? {
    switch self {
    case .keepLease:
      """
      UPDATE deliveries SET state = 'leased', lease_until_at = 9000000000000000, place = 1
      WHERE state = 'pending' AND unsure = 1 AND attempt > 0
      """
    default: nil
    }
  }

  /// What a crash takes with it that it must not.
  var onCrash: String? {
    switch self {
    case .forgetDeliveries:
      """
      DELETE FROM deliveries WHERE attempt = 0 AND place IS NOT NULL
        AND created_at > (SELECT max(created_at) FROM deliveries) - 3600000
      """
    case .forgetSnapshot: "DELETE FROM items WHERE first_seen_at > (SELECT max(first_seen_at) FROM items) - 7200000"
    default: nil
    }
  }
}
