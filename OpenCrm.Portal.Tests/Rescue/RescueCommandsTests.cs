using OpenCrm.Portal.Rescue;

namespace OpenCrm.Portal.Tests.Rescue;

/// <summary>What the command line may hold: settings in both usual forms, and at most one command.</summary>
public sealed class RescueCommandsTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("--urls http://localhost:5099", "--urls http://localhost:5099", "")]
    [InlineData("--urls=http://localhost:5099 unlock bob", "--urls=http://localhost:5099", "unlock bob")]
    [InlineData(
        "--Portal:DataFolder /data --Database:Provider=Postgres unlock bob",
        "--Portal:DataFolder /data --Database:Provider=Postgres",
        "unlock bob")]
    [InlineData("unlock bob --Portal:DataFolder=/data", "--Portal:DataFolder=/data", "unlock bob")]
    [InlineData("demo --users 5", "", "demo --users 5")]
    [InlineData("demo --users=5", "", "demo --users=5")]
    [InlineData("unlock --force bob", "", "unlock --force bob")]
    [InlineData("--help", "", "--help")]
    [InlineData("help demo", "", "demo --help")]
    public void Settings_and_the_command_are_told_apart(string line, string settings, string command)
    {
        var split = RescueCommands.Split(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((settings, command), (string.Join(' ', split.Settings), string.Join(' ', split.Command)));
    }
}
