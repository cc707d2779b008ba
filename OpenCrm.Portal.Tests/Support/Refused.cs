using OpenCrm.Portal.Credentials;
using OpenCrm.Portal.LostDevice;
using OpenCrm.Portal.SignIn;

namespace OpenCrm.Portal.Tests.Support;

/// <summary>Why an answer was refused, whatever asked for it. Any outcome other than a refusal fails the test.</summary>
internal static class Refused
{
    public static Refusal For(SignInOutcome outcome) => Assert.IsType<SignInOutcome.Refused>(outcome).Refusal;

    public static Refusal For(SignInAgainOutcome outcome) => Assert.IsType<SignInAgainOutcome.Refused>(outcome).Refusal;

    public static Refusal For(StepUpOutcome outcome) => Assert.IsType<StepUpOutcome.Refused>(outcome).Refusal;

    public static Refusal For(LostDeviceOutcome outcome) => Assert.IsType<LostDeviceOutcome.Refused>(outcome).Refusal;

    public static Refusal For(NewPasswordOutcome outcome) => Assert.IsType<NewPasswordOutcome.Refused>(outcome).Refusal;
}
