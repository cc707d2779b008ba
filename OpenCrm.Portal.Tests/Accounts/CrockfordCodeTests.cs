using OpenCrm.Portal.Accounts;

namespace OpenCrm.Portal.Tests.Accounts;

/// <summary>Codes that people write down, and how they type them (docs/spec.md 11.1, 11.2).</summary>
public sealed class CrockfordCodeTests
{
    [Fact]
    public void Codes_are_random_characters_that_nobody_mistakes_in_three_groups()
    {
        var codes = Enumerable.Range(0, 2_000).Select(_ => CrockfordCode.Generate(12)).ToList();

        Assert.Equal(codes.Count, codes.Distinct().Count());
        // Every one of the 32 characters at every place: 60 bits a code.
        for (var place = 0; place < 12; place++) Assert.Equal(32, codes.Select(code => code[place]).Distinct().Count());
        Assert.DoesNotContain(codes.SelectMany(code => code), character => "ILOU".Contains(character, StringComparison.Ordinal));
        Assert.Equal("0123-4567-89AB", CrockfordCode.Grouped("0123456789AB"));
    }

    [Theory]
    [InlineData("7K3M-9PQR-X2WD")]
    [InlineData("7k3m 9pqr x2wd")]
    [InlineData(" 7K3M9PQRX2WD\r\n")]
    [InlineData("7K3M\u20139PQR\u2011X2WD")]
    [InlineData("\u200B7K3M9PQR\u00ADX2WD\uFEFF")]
    [InlineData("\uFF17\uFF2B3M9PQRX2WD")]
    public void Case_blanks_hyphens_and_what_nobody_sees_do_not_matter(string typed) =>
        Assert.Equal("7K3M9PQRX2WD", CrockfordCode.Read(typed, 12));

    [Theory]
    [InlineData("oOiIlL234567", "001111234567")]
    public void Letters_that_look_like_digits_are_read_as_those(string typed, string read) => Assert.Equal(read, CrockfordCode.Read(typed, 12));

    [Theory]
    [InlineData("")]
    [InlineData("7K3M-9PQR-X2W")]
    [InlineData("7K3M-9PQR-X2WDD")]
    [InlineData("7K3M-9PQR-X2WU")]
    [InlineData("7K3M-9PQR-X2W\u00C4")]
    [InlineData("7K3M_9PQR_X2WD")]
    [InlineData("123456")]
    public void Anything_else_is_no_code(string typed) => Assert.Null(CrockfordCode.Read(typed, 12));

    [Fact]
    public void A_megabyte_is_not_read() => Assert.Null(CrockfordCode.Read(new string('7', 1_000_000), 12));
}
