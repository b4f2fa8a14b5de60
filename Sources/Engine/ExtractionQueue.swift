/// Jobs that wait for a thread, the oldest first.
struct ExtractionQueue {
  private var jobs: [ExtractionJob?] = []
  /// Those before it are gone.
  private var first = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ job: ExtractionJob) {
    jobs.append(job)
    count += 1
  }

  /// The oldest job of an owner that is not among these.
  mutating func take(but owners: Set<String>) -> ExtractionJob? {
    guard count > 0 else { return nil }
    for index in first..<jobs.count {
      guard let job = jobs[index], owners.isEmpty || !owners.contains(job.owner) else { continue }
      jobs[index] = nil
      count -= 1
      tidy()
      return job
    }
    return nil
  }

  mutating func remove(of owner: String) -> [ExtractionJob] {
    let removed = jobs[first...].compactMap(\.self).filter { $0.owner == owner }
    jobs = jobs[first...].filter { $0.map { $0.owner != owner } ?? false }
    first = 0
    count -= removed.count
    return removed
  }

  mutating func removeAll() -> [ExtractionJob] {
    defer { self = ExtractionQueue() }
    return jobs[first...].compactMap(\.self)
  }

  /// Moves past what is gone; once half of the array is, the rest moves up: constant time for each job.
  private mutating func tidy() {
    while first < jobs.count, jobs[first] == nil { first += 1 }
    guard first * 2 > jobs.count else { return }
    jobs.removeFirst(first)
    first = 0
  }
}
