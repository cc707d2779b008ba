using OpenCrm.Portal.Controls;

namespace OpenCrm.Portal.Tests.Controls;

/// <summary>A cell is text, whatever a spreadsheet would make of it (docs/spec.md 5.1).</summary>
public sealed class CsvCellTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+49 30", "'+49 30")]
    [InlineData("-2", "'-2")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a;b", "\"a;b\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("Ann Lee", "Ann Lee")]
    [InlineData("", "")]
    public void A_formula_becomes_text_and_a_separator_stays_inside(string text, string cell) => Assert.Equal(cell, CsvCell.Of(text));

    [Fact]
    public void A_line_ends_as_the_format_says() => Assert.Equal("a,\"b,c\",'=d\r\n", CsvCell.Line("a", "b,c", "=d"));
}
