/// What channels accept, judged at the moment they do.
extension Oracle {
  private func silenceKey(_ channel: String, _ who: String) -> String { channel + "|" + who }

  func throttled(_ channel: String, _ who: String, _ duration: Moment) {
    channelSilence[silenceKey(channel, who)] = clock.now + duration
  }

  /// A request for a recipient has begun.
  func sending(_ message: Acceptance) {
    if let until = channelSilence[silenceKey(message.channel, message.to ?? "")], clock.now < until {
      world.violate(
        .schedule,
        "\(message.channel)|\(message.to ?? "") was sent to before its Retry-After ended at \(until.clockText)")
    }
    judgeRates(message)
    spends(message)
  }

  /// A request that got there and came to nothing.
  ///
  /// - Parameter isDoubtful: Nobody can say whether it was taken.
  func failed(_ message: Acceptance, isDoubtful: Bool = true) {
    if isDoubtful { doubts[message.id, default: 0] += 1 }
    guard let index = watch(message.watch), let person = subscriber("\(message.channel)|\(message.to ?? "")", index)
    else { return }
    for line in message.lines {
      let key = Notice.Key(subscriber: person, item: line.key, gen: line.gen, isUp: line.kind != "removed")
      failures[key, default: 0] += 1
    }
  }

  func answered(_ message: Acceptance) {
    answers.append(message)
    confirmed.insert(message.id)
  }

  func accepted(_ message: Acceptance) {
    let words = message.lines.map { "\($0.kind) \($0.key).\($0.gen)" }
    world.history.note(
      "told \(message.channel)|\(message.to ?? "") \(message.id) #\(message.sequence) \(message.type) \(message.watch) \(words)"
    )
    acceptances += 1
    if confirmed.contains(message.id) {
      world.violate(
        .told, "\(message.id) was sent again although \(message.channel) had confirmed it to this very process")
    }
    accepted[message.id, default: 0] += 1
    if message.channel == "sms", accepted[message.id] ?? 0 > 2 {
      world.violate(.told, "\(message.id) was accepted a third time: its notifier says resend_once")
    }
    judgeBudget(message)
    fresh.append(message)
  }

  /// After the step's runs are known: what is stored and sent in one moment is seen at its end only.
  func judgeAccepted() {
    let messages = fresh
    fresh = []
    for message in messages { judge(message) }
  }

  private func judge(_ message: Acceptance) {
    judgeSequence(message)
    guard message.type != "maintainer" else { return }
    guard let index = watch(message.watch),
      let person = subscriber("\(message.channel)|\(message.to ?? "")", index)
    else {
      return world.violate(
        .asked, "\(message.channel)|\(message.to ?? "") was told of \(message.watch), and never asked for it")
    }
    lastTold = person
    judgeSubscription(person, message)
    judgeManner(person, message)
    for line in message.lines { judge(line, person, index, message) }
  }

  /// One number per id, and one id per number.
  private func judgeSequence(_ message: Acceptance) {
    let number = "\(message.channel)|\(message.to ?? "")|\(message.watch)|\(message.sequence)"
    if let other = sequences[number], other != message.id {
      world.violate(.order, "\(other) and \(message.id) carry the same number \(number)")
    }
    sequences[number] = message.id
    if let other = sequences["id " + message.id], other != number {
      world.violate(.order, "\(message.id) carries two numbers: \(other), \(number)")
    }
    sequences["id " + message.id] = number
  }

  private func judgeSubscription(_ person: Int, _ message: Acceptance) {
    guard let removed = removedAt[person], message.begun > removed + Oracle.lease else { return }
    world.violate(
      .asked,
      "\(scenario.subscribers[person].key) was told of \(message.watch) after \(removed.clockText), when it ended")
  }

  private func judge(_ line: Acceptance.Line, _ person: Int, _ index: Int, _ message: Acceptance) {
    let who = scenario.subscribers[person].key
    let what = "\(who) of \(message.watch) was told '\(line.kind) \(line.key).\(line.gen)'"
    let key = Notice.Key(subscriber: person, item: line.key, gen: line.gen, isUp: line.kind != "removed")
    guard var notice = notices[key] ?? unowed(key) else {
      return world.violate(
        .truth, "\(what), which is no news to them: never seen so, not asked for, or told by no rule")
    }
    if case .told(let id, let isCertain) = notice.state {
      doubles += 1
      if isCertain {
        world.violate(.told, "\(what) twice: by \(id), which the channel had confirmed, and by \(message.id)")
      } else if id != message.id {
        world.violate(.told, "\(what) twice, under two ids: \(id) and \(message.id)")
      }
    }
    judgeTruth(what, line, index, message)
    notice.state = .told(id: message.id, isCertain: false)
    notices[key] = notice
    open.remove(key)
    judgeOrder(what, notice, message.sequence)
  }

  /// A newcomer is told of what could not be read when they came, as it is once it can be.
  private func unowed(_ key: Notice.Key) -> Notice? {
    guard key.isUp,
      let other = notices.values.first(where: {
        $0.key.subscriber == key.subscriber && $0.key.item == key.item && $0.key.isUp && !$0.isOwed
      })
    else { return nil }
    serial += 1
    return Notice(
      key: key, service: other.service, serial: serial, isOwed: false, madeAt: other.madeAt, madeWall: other.madeWall,
      clearSince: clock.now,
      tier: other.tier, notBefore: 0, start: other.start)
  }

  /// Late news is no news, and gone is not there.
  private func judgeTruth(_ what: String, _ line: Acceptance.Line, _ index: Int, _ message: Acceptance) {
    guard let item = models[index].lives[service(of: line.key)]?.items[line.key] else { return }
    let isObsolete =
      line.kind == "removed" ? item.state == .open || item.state == .leaving : item.state == .gone
    if isObsolete, message.begun > item.turnedAt + Oracle.slack {
      world.violate(.truth, "\(what), which was over since \(item.turnedAt.clockText)")
    }
    guard line.kind != "removed", lastJump + Oracle.slack < message.begun || lastJump < 0 else { return }
    let slack = Oracle.slack / 1_000_000
    if message.wall > item.lastSeen + Specs.usefulFor + slack {
      world.violate(.told, "\(what) too late: last seen \((message.wall - item.lastSeen) / 60_000) minutes ago")
    }
    if message.wall > item.slot.start * 1000 + slack, item.slot.gen == line.gen {
      world.violate(.told, "\(what) after its start")
    }
  }

  /// What became news later carries no lower number.
  private func judgeOrder(_ what: String, _ notice: Notice, _ sequence: Int64) {
    let thing = Thing(subscriber: notice.key.subscriber, item: notice.key.item)
    for other in told[thing] ?? [] where other.serial != notice.serial && other.sequence != sequence {
      if (other.serial < notice.serial) != (other.sequence < sequence) {
        world.violate(
          .order,
          "\(what) as #\(sequence), and as #\(other.sequence) what became news \(other.serial < notice.serial ? "before" : "after") it"
        )
      }
    }
    told[thing, default: []].append((notice.serial, sequence))
  }
}
