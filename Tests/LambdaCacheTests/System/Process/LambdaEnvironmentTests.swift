import LambdaCache
import Testing

@Suite("The environment of Lambda")
struct LambdaEnvironmentTests {
  private static let name = "AWS_LAMBDA_INITIALIZATION_TYPE"

  @Test(
    "The environment of Lambda tells whether it may be frozen",
    arguments: [
      ([:], false), ([name: "on-demand"], true), ([name: "provisioned-concurrency"], true),
      ([name: "snap-start"], true), ([name: "a type to come"], true),
      ([name: "lambda-managed-instances"], false),
      ([name: "on-demand", "AWS_SAM_LOCAL": "true"], false),
      ([name: "on-demand", "AWS_LAMBDA_FUNCTION_NAME": "f"], true),
      (["AWS_LAMBDA_FUNCTION_NAME": "f"], false),
    ] as [([String: String], Bool)])
  func freezes(variables: [String: String], mayBeFrozen: Bool) {
    #expect(LambdaEnvironment.mayBeFrozen(variables) == mayBeFrozen)
  }

  @Test("The environment of Lambda tells whether it is a Managed Instance")
  func managedInstances() {
    #expect(LambdaEnvironment.isManagedInstance([Self.name: "lambda-managed-instances"]))
    #expect(!LambdaEnvironment.isManagedInstance([Self.name: "on-demand"]))
    #expect(!LambdaEnvironment.isManagedInstance([:]))
  }
}
