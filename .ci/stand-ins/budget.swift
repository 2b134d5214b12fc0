// The budget that the reader has made.
import LambdaCache

let budget = try! MemoryBudget()
