public enum SlotHunterCommand { public static func main() -> Int32 { 0 } }
