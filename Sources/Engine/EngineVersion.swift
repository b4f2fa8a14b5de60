/// The version of SlotHunter: shown to people and sites, and bound to what is believed of answers that were read by it.
public enum EngineVersion {
  public static let text = "0.1.0"
}
