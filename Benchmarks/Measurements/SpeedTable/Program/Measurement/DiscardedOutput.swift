import Foundation

/// Runs a measurement of what writes to standard output, of which nothing is to be seen.
func withStandardOutputDiscarded<Result>(_ measurement: () -> Result) -> Result {
  fflush(nil)
  let output = dup(STDOUT_FILENO)
  let nothing = open("/dev/null", O_WRONLY)
  precondition(output >= 0 && nothing >= 0, "standard output cannot be put aside")
  dup2(nothing, STDOUT_FILENO)
  defer {
    fflush(nil)
    dup2(output, STDOUT_FILENO)
    close(output)
    close(nothing)
  }
  return measurement()
}
