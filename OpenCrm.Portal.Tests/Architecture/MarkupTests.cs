using System.Text.RegularExpressions;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Tests.Architecture;

/// <summary>A .razor holds markup and parameters; other C# is in the .razor.cs beside it. Templates in C# are markup too, so they may stay.</summary>
public sealed partial class MarkupTests
{
    private static readonly IReadOnlyList<string> Files =
        [.. Directory.EnumerateFiles(Path.Combine(PublishedPortal.RepositoryRoot, "OpenCrm.Portal"), "*.razor", SearchOption.AllDirectories)];

    [Fact]
    public void No_razor_file_injects() =>
        Assert.Empty(
            from file in Files
            from line in File.ReadLines(file)
            where line.TrimStart().StartsWith("@inject ", StringComparison.Ordinal)
            select $"{file}: {line}");

    [Fact]
    public void No_razor_file_holds_code_but_parameters_and_templates() =>
        Assert.Empty(
            from file in Files
            let code = Code().Match(File.ReadAllText(file)).Groups[1].Value.Trim().TrimStart('{').TrimEnd('}')
            from member in code.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            where !Parameter().IsMatch(member) && !Template().IsMatch(member)
            select $"{file}: {member}");

    [Theory]
    [InlineData("[Parameter, EditorRequired] public string Name { get; set; } = \"\";", true)]
    [InlineData("/// <summary>Whose.</summary>\n    [CascadingParameter(Name = \"Company\")] private string? Company { get; set; }", true)]
    [InlineData("private RenderFragment Told(string text) => @<p>@text</p>;", true)]
    [InlineData("private string? name;", false)]
    [InlineData("private string Hint => Name;", false)]
    [InlineData("[Parameter] public string Name { get => name; set => name = value; }", false)]
    [InlineData("[Inject] private TimeProvider Time { get; set; } = null!;", false)]
    [InlineData("[Parameter] public bool On { get; set; }\n    private bool off;", false)]
    [InlineData("private RenderFragment? Both => HasHint ? Hint : null;", false)]
    public void Members_are_told_apart(string member, bool belongs) =>
        Assert.Equal(belongs, Parameter().IsMatch(member) || Template().IsMatch(member));

    /// <summary>From @code to the end of the file: the block is the last thing in it.</summary>
    [GeneratedRegex(@"^@(?:code|functions)\b(.*)\z", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\A(?:///[^\n]*\n\s*)*\[(?:Parameter|CascadingParameter|SupplyParameterFromQuery)\b[^\n]*\{ get; set; \}(?: = [^\n]*;)?\z")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\A(?:///[^\n]*\n\s*)*(?:private|public) (?:static )?RenderFragment\b.*@<", RegexOptions.Singleline)]
    private static partial Regex Template();
}
