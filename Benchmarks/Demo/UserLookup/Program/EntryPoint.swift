import ArgumentParser
import LambdaCache

/// A Lambda function where a Lambda Runtime API is offered, a command elsewhere.
@main
enum EntryPoint {
  static func main() async {
    let environment = ProcessEnvironment.current
    if environment["AWS_LAMBDA_RUNTIME_API"] != nil {
      await UserLookupFunction.main(environment: environment)
    } else {
      await UserLookupCommand.main()
    }
  }
}
