/// Rules that parts of the product gained while the simulator was written: true once the part is in.
enum Rules {
  /// ADR 9: a reading that lacks more than half of a branch, and at least four items, must be confirmed by the next.
  static let dropsAreDoubted = false
  /// Quiet hours are looked at again when a delivery is about to be sent, not only when it is made.
  static let quietHoldsAtSend = false
}
