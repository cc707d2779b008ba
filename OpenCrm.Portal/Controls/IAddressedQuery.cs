namespace OpenCrm.Portal.Controls;

/// <summary>What a list shows, taken from its address, so that Back and F5 restore it.</summary>
public interface IAddressedQuery<TSelf> : IEquatable<TSelf> where TSelf : IAddressedQuery<TSelf>
{
    /// <summary>The path of the list's page.</summary>
    static abstract string Path { get; }

    /// <summary>How many characters of the typed text are searched for.</summary>
    static abstract int MostSearched { get; }

    /// <summary>The text that is searched for; empty for everything.</summary>
    string Sought { get; }

    /// <summary>Whether the address contained characters that nothing in the list can hold.</summary>
    bool LeftOut { get; }

    /// <summary>Reads a query string; unknown values keep their defaults.</summary>
    static abstract TSelf Parse(string? queryString);

    /// <summary>Removes from the typed text what nothing in the list can hold.</summary>
    static abstract string Clean(string? typed);

    /// <summary>Whether <see cref="Clean"/> removes characters instead of only shortening the text; the page then says so.</summary>
    static abstract bool LeavesOut(string? typed);

    /// <summary>The same query, from its first page.</summary>
    TSelf AtStart();

    /// <summary>The same list with another search.</summary>
    TSelf SearchingFor(string text);

    /// <summary>The query string of the address; empty for the list as first opened.</summary>
    string ToQueryString();
}
