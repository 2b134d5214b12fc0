import ArgumentParser
import Foundation
import LambdaCache

/// A Lambda function where a Lambda Runtime API is offered, a command elsewhere.
@main
enum EntryPoint {
  static func main() async {
    let environment = ProcessInfo.processInfo.environment
    if environment["AWS_LAMBDA_RUNTIME_API"] != nil {
      await UserLookupFunction.main(environment: environment)
    } else {
      await UserLookupCommand.main()
    }
  }
}
